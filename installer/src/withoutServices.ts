import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

const POLICY = '/usr/sbin/policy-rc.d';
const OURS = '#!/bin/sh\n# Anyseat is installing packages: no service is started meanwhile.\nexit 101\n';

/**
 * Does `work` while no package may start a service (invoke-rc.d asks policy-rc.d first): a test's slapd must not begin to
 * serve the machine's network. A policy that was there is put aside and comes back afterwards, also when `work` throws;
 * what a killed run of ours left behind is put right by the next one. A Ctrl-C meanwhile waits for the end of it: packages
 * that are half installed cost more than the minute.
 */
export async function withoutServices<T>(work: () => Promise<T>, policy: string = POLICY): Promise<T> {
  const aside = `${policy}.before-anyseat`;
  if (existsSync(policy) && !isOurs(policy)) renameSync(policy, aside);
  writeFileSync(policy, OURS, { mode: 0o755 });
  const held: NodeJS.Signals[] = [];
  const hold = (signal: NodeJS.Signals) => {
    if (held.push(signal) === 1) console.error('the packages are being installed to the end first');
  };
  process.on('SIGINT', hold).on('SIGTERM', hold);
  try {
    return await work();
  } finally {
    process.off('SIGINT', hold).off('SIGTERM', hold);
    if (isOurs(policy)) rmSync(policy);
    if (existsSync(aside)) renameSync(aside, policy);
    if (held[0]) process.kill(process.pid, held[0]);
  }
}

function isOurs(policy: string): boolean {
  return existsSync(policy) && readFileSync(policy, 'utf8') === OURS;
}
