import { parentPort, workerData } from 'node:worker_threads';
import { ConfigFault, parseYaml, type ParsedYaml, type Problem } from './loadConfig.ts';

/** What the thread is given, and what it says: the data or the problems, and then the places of whatever paths it is asked for. */
export interface YamlOrder {
  text: string;
  file: string;
}
export type YamlParsed = { data: unknown } | { problems: readonly Problem[] };

const { text, file } = workerData as YamlOrder;
const port = parentPort!;
const say = (parsed: YamlParsed) => port.postMessage(parsed);

try {
  const yaml: ParsedYaml = parseYaml(text, file);
  port.on('message', (paths: (string | number)[][]) =>
    port.postMessage(paths.map((path) => yaml.placeOf(path))),
  );
  say({ data: yaml.data });
} catch (error) {
  if (!(error instanceof ConfigFault)) throw error;
  say({ problems: error.problems });
}
