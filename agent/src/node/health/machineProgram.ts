import { readMachine } from './readMachine.ts';

/** Says on standard output, as JSON, who made this box and what runs on it; a program of its own, see `askMachine`. */
process.stdout.write(JSON.stringify(await readMachine()), () => process.exit(0));
