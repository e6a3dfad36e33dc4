export * from './closeCodes.ts';
export * from './display.ts';
export * from './fingerprint.ts';
export * from './hours.ts';
export * from './operatorApi.ts';
export * from './resources.ts';
export * from './tcFrames.ts';
export * from './version.ts';
