import { parseArgs } from 'node:util';
import { EXIT_CONFIG, exampleConfig, loadConfig, messageOf, systemClock, toFault } from '@anyseat/base';
import { holdBox } from '../oneInstance.ts';
import { behaviour as behaviourSchema, MOST_SEATS, type Behaviour } from './behaviour.ts';
import { fingerprintsOf, lineOf, runFleet, SKIPPED, type Second } from './fleet.ts';

const USAGE = `usage: anyseat-agent fleet --behaviour FILE --seats N
       anyseat-agent fleet --behaviour FILE --seats N --fingerprints   prints the seats’ fingerprints, and ends
       anyseat-agent fleet --example                                   an example of FILE, with every setting
So many headless agents in one process, for load. A line of JSON each second and at the end on standard output, the same for
people on standard error. It ends with 0, 64 when it is called wrongly, 78 when its settings are wrong, else 1.
`;
const EXIT_USAGE = 64;

/** `anyseat-agent fleet …`; resolves with the exit code. */
export async function fleet(args: readonly string[], version: string): Promise<number> {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        behaviour: { type: 'string' },
        seats: { type: 'string' },
        fingerprints: { type: 'boolean' },
        example: { type: 'boolean' },
      },
    }));
  } catch (error) {
    return say(`${messageOf(error)}\n${USAGE}`, EXIT_USAGE);
  }
  if (values.example) {
    process.stdout.write(
      exampleConfig(behaviourSchema, 'What a fleet of headless agents does: behaviour.yaml'),
    );
    return 0;
  }
  const seats = Number(values.seats);
  if (values.behaviour === undefined || !Number.isInteger(seats) || seats < 1) return say(USAGE, EXIT_USAGE);
  if (seats > MOST_SEATS)
    return say(`one process holds ${MOST_SEATS} seats; start another for more`, EXIT_USAGE);
  let behaviour: Behaviour;
  try {
    behaviour = loadConfig(values.behaviour, behaviourSchema);
  } catch (error) {
    return say(messageOf(error), EXIT_CONFIG);
  }
  try {
    await using _held = await holdBox(behaviour.folder);
    if (!values.fingerprints) return await run(behaviour, seats, version);
    process.stdout.write(`${fingerprintsOf(behaviour.folder, seats).join('\n')}\n`);
    return 0;
  } catch (error) {
    const { message, retry } = toFault(error);
    return say(message, retry === 'terminal' ? EXIT_CONFIG : 1);
  }
}

async function run(behaviour: Behaviour, seats: number, version: string): Promise<number> {
  say(`A fleet is not a call centre. It leaves out:\n${SKIPPED.map((one) => `- ${one}`).join('\n')}`, 0);
  if (behaviour.activity === 'always') say('- seats report activity without a session (activity: always)', 0);
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => stop.abort());
  const tell = (second: Second) => {
    process.stdout.write(`${JSON.stringify(second)}\n`);
    say(lineOf(second), 0);
  };
  tell(await runFleet(behaviour, seats, { clock: systemClock, version, tell, stop: stop.signal }));
  return 0;
}

function say(text: string, code: number): number {
  process.stderr.write(`${text.trimEnd()}\n`);
  return code;
}
