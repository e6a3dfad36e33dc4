import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { build, type Plugin, type Rolldown } from 'vite';
import { root } from '../commands.ts';

/** The program of a seat without its packages: files by their path, and the licences of what is in them. */
export interface AgentBundle {
  version: string;
  files: Map<string, Buffer>;
  /** Text for people: each package and its licence. */
  licences: string;
}

const sources = {
  main: 'agent/src/node/main.ts',
  launch: 'agent/src/launch/launch.ts',
  machineProgram: 'agent/src/node/health/machineProgram.ts',
};

/**
 * Puts the agent and all packages that it uses into a few files of JavaScript, with its page beside them (built already, see
 * `buildPages`). The same sources make the same bytes.
 *
 * Not in it: Electron, and uiohook, which have binaries of their own.
 */
export async function bundleAgent(version = agentVersion()): Promise<AgentBundle> {
  const made = await build({
    configFile: false,
    root: join(root, 'agent'),
    logLevel: 'error',
    ssr: { noExternal: true },
    plugins: [inPlace(version)],
    build: {
      ssr: true,
      write: false,
      target: 'node24',
      minify: false,
      rolldownOptions: {
        input: Object.fromEntries(Object.entries(sources).map(([name, file]) => [name, join(root, file)])),
        external: ['electron', 'uiohook-napi', 'bufferutil', 'utf-8-validate', /^bun:/, /^node:/],
        output: {
          format: 'es',
          entryFileNames: '[name].js',
          chunkFileNames: '[name]-[hash].js',
        },
      },
    },
  });
  const chunks = (Array.isArray(made) ? made : [made as Rolldown.RolldownOutput]).flatMap(
    ({ output }) => output,
  );
  const files = new Map<string, Buffer>([['package.json', Buffer.from('{"type":"module"}\n')]]);
  const modules = new Set<string>();
  for (const chunk of chunks) {
    files.set(chunk.fileName, Buffer.from(chunk.type === 'chunk' ? chunk.code : chunk.source));
    if (chunk.type === 'chunk') for (const module of chunk.moduleIds) modules.add(module);
  }
  const page = join(root, 'agent/dist/page');
  for (const file of globSync('**/*', { cwd: page, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const path = join(file.parentPath, file.name);
    files.set(join('page', relative(page, path)), readFileSync(path));
  }
  return { version, files, licences: licencesOf(modules) };
}

export function agentVersion(): string {
  const manifest = JSON.parse(readFileSync(join(root, 'agent/package.json'), 'utf8')) as { version: string };
  return manifest.version;
}

/** Everything lies in one folder then: programs beside `main.js`, and the page in `page`. */
function inPlace(version: string): Plugin {
  return {
    name: 'in-place',
    enforce: 'pre',
    transform(code, id) {
      if (id === join(root, 'agent/package.json'))
        return { code: JSON.stringify({ ...(JSON.parse(code) as object), version }), map: null };
      if (!id.endsWith('.ts') || id.includes('/node_modules/')) return undefined;
      const moved = code
        .replaceAll(/new URL\('(\w+)\.ts', import\.meta\.url\)/g, "new URL('$1.js', import.meta.url)")
        .replaceAll('../../dist/${name}', '${name}');
      return moved === code ? undefined : { code: moved, map: null };
    },
  };
}

/** The packages that these modules are of, each with what it says about its licence. React is in the page. */
function licencesOf(modules: ReadonlySet<string>): string {
  const folders = new Set(
    ['react', 'react-dom', 'scheduler'].map((name) => join(root, 'node_modules', name)),
  );
  for (const module of modules) {
    const folder = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(module)?.[0];
    if (folder !== undefined) folders.add(folder);
  }
  return [...folders]
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .sort((a, b) => (basename(a) < basename(b) ? -1 : 1))
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        name: string;
        version: string;
        license?: string;
      };
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
      const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trimEnd();
      return `${name} ${version} (${license ?? 'see below'})\n\n${text}\n`;
    })
    .join('\n----\n\n');
}
