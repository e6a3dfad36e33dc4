export type { ApiAnswer, ApiRequest, Outcome } from './api/answer.ts';
export { FakeHypervisor } from './hypervisor/fake.ts';
export type { Display, Guest, Hypervisor } from './hypervisor/hypervisor.ts';
export {
  FAULT_NAMES,
  type FaultName,
  type FaultOptions,
  type FaultParams,
  type Faults,
  type Where,
} from './model/faults.ts';
export { cloudsYaml } from './cloudsYaml.ts';
export { openCloud, type OpenCloud } from './openCloud.ts';
export {
  FAKE_TIMINGS,
  QEMU_TIMINGS,
  type Face,
  type ImageOptions,
  type MinicloudOptions,
  type Timings,
} from './options.ts';
export { startMinicloud, type GuestLook, type Minicloud, type ServerLook } from './startMinicloud.ts';
