import type { Server } from './server.ts';

/**
 * What a guest wrote on its serial console: a line for each thing that happened to it, so that a log tells one server, and
 * one life of it, from another.
 * @param length only so many of the last lines; Nova takes a number as text too, and none or -1 for all
 */
export function consoleLog(hypervisor: string, server: Server, length: unknown): string {
  const lines = [
    `minicloud: ${hypervisor} guest ${server.name} (${server.id})`,
    ...server.actions.map(({ action, startedAt, result }) => {
      const at = ((startedAt - server.createdAt) / 1000).toFixed(6).padStart(12);
      return `[${at}] ${action}: ${result ?? 'under way'}`;
    }),
  ];
  const most = length === undefined || length === null ? -1 : Number(length);
  return `${lines.slice(most < 0 ? 0 : Math.max(0, lines.length - most)).join('\n')}\n`;
}
