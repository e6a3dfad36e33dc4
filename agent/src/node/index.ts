/** The agent without a shell: for robots, headless seats and tests in process. */
export type { Intent, PageState, Screen } from '../common/bridge.ts';
export { agentConfig, loadAgentConfig, type AgentConfig } from './config.ts';
export { Core, type CoreOptions } from './core.ts';
export { openIdentity, type Identity } from './identity.ts';
export { FakeViewer } from './viewer/fakeViewer.ts';
export { RemoteViewer, type RemoteViewerOptions } from './viewer/remoteViewer.ts';
export type { Viewer, ViewerRun } from './viewer/viewer.ts';
