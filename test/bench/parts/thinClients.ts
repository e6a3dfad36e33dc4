import { join } from 'node:path';
import { ChildProgram } from './childProgram.ts';

/** Thin clients by the thousand in one process; it answers what thinClientsProgram.ts says. */
export const startThinClients = (): ChildProgram =>
  ChildProgram.start(join(import.meta.dirname, 'thinClientsProgram.ts'));
