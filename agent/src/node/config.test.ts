import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ConfigFault, exampleConfig } from '@anyseat/base';
import { agentConfig, loadAgentConfig, wayTo } from './config.ts';

function load(yaml: string) {
  const folder = mkdtempSync(join(tmpdir(), 'anyseat-agent-'));
  try {
    writeFileSync(join(folder, 'agent.yaml'), yaml);
    return loadAgentConfig(join(folder, 'agent.yaml'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
const problems = (yaml: string) => {
  try {
    load(yaml);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigFault)) throw error;
    return error.problems.map((p) => `${p.path}: ${p.text}`);
  }
};

test('the address of the hub is enough', () => {
  expect(load('hub: { url: "wss://hub.example:8443" }')).toEqual({
    hub: { url: 'wss://hub.example:8443/tc', fallbacks: [], pingSeconds: 15, pins: [] },
    stateDir: '/var/lib/anyseat-agent',
    runDir: '/run/anyseat-agent',
    viewer: { command: 'remote-viewer', mode: 'kiosk', connectSeconds: 12 },
    shell: { kind: 'chromium', mode: 'kiosk', arguments: [] },
    page: { port: 0 },
    input: { by: 'xinput' },
    commands: {
      refuse: [],
      askBeforeScreenshot: true,
      reboot: ['systemctl', 'reboot'],
      shutDown: ['systemctl', 'poweroff'],
      logs: ['journalctl', '--no-pager', '--lines=5000', '--output=short-iso', '--unit=anyseat-agent'],
    },
    language: 'zh-CN',
    log: { level: 'info' },
  });
});

test.each(['ws://127.0.0.1:8080', 'ws://[::1]:8080', 'ws://localhost:8080'])('%s may be plain', (url) => {
  expect(load(`hub: { url: "${url}" }`).hub.url).toBe(`${url}/tc`);
});

test.each(['ws://hub.example', 'ws://10.0.0.1', 'ws://127.evil.example', 'ws://localhost.evil.example'])(
  '%s may not be plain',
  (url) => {
    expect(problems(`hub: { url: "${url}" }`)).toEqual([
      'hub.url: plain ws:// is for this machine itself only; write wss://',
    ]);
  },
);

test('other addresses, an IPv6 one, and a proxy with its login in a file', () => {
  const { hub } = load(
    'hub: { url: "wss://[2001:db8::1]:8443", fallbacks: ["wss://b.example"], proxy: "http://proxy:3128", proxyLoginFile: /p, pingSeconds: 30 }',
  );
  expect(wayTo(hub)).toEqual({
    url: 'wss://[2001:db8::1]:8443/tc',
    fallbacks: ['wss://b.example/tc'],
    trust: { caFile: undefined, proxy: { url: 'http://proxy:3128', loginFile: '/p' } },
    times: { pingEveryMs: 30_000, deadAfterMs: 59_000 },
  });
});

test.each([
  [
    'fallbacks: ["ws://hub.example"]',
    'hub.fallbacks[0]: plain ws:// is for this machine itself only; write wss://',
  ],
  ['proxy: "https://proxy"', 'hub.proxy: an address such as http://proxy.example:3128'],
  ['proxy: "proxy:3128"', 'hub.proxy: an address such as http://proxy.example:3128'],
  [
    'proxy: "http://me:secret@proxy"',
    'hub.proxy: no password here: write user:password into a file, and name it as proxyLoginFile',
  ],
  ['pingSeconds: 600', 'hub.pingSeconds: has to be 60 or less'],
])('%s is told in a sentence', (setting, sentence) => {
  expect(problems(`hub: { url: "wss://hub.example", ${setting} }`)).toEqual([sentence]);
});

test('everything wrong is said at once', () => {
  expect(problems('hub: { url: "https://x", pins: [abc], hots: 1 }\nviewer: { connectSeconds: 60 }')).toEqual(
    [
      'hub.url: an address such as wss://hub.example:8443',
      'hub.pins[0]: a pin is sha256/ and 44 characters of base64',
      'hub.hots: no such setting. Known here: url, fallbacks, proxy, proxyLoginFile, pingSeconds, pins, caFile, tokenFile',
      'viewer.connectSeconds: has to be 15 or less',
    ],
  );
});

test('every setting is described in the example, and the example is valid', () => {
  const example = exampleConfig(agentConfig, 'Settings of an Anyseat agent.');
  expect(problems(example)).toEqual([]);
  const undescribed = [agentConfig, agentConfig.shape.hub].flatMap((section) =>
    Object.entries(section.shape).filter(([, field]) => !field.meta()?.description),
  );
  expect(undescribed.map(([name]) => name)).toEqual([]);
});
