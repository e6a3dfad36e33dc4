import { vitest } from './commands.ts';
import { ensureSystemPackages } from './systemPackages.ts';

/** `npm run test:update`: the Debian package of the agent on a Debian of its own, and its updates. Minutes; wants root. */
await ensureSystemPackages(['packageTests'], { say: (line) => console.log(`anyseat: ${line}`) });
process.exit(await vitest(['update'], process.argv.slice(2)));
