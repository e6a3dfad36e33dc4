export * from './commands.ts';
export { buildGuest, type Guest } from './guest/buildGuest.ts';
