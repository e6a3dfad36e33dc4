export * from './commands.ts';
export { buildGuest, type Guest } from './guest/buildGuest.ts';
export { packageSets, type Purpose } from './packageSets.ts';
export { ensureSystemPackages } from './systemPackages.ts';
