import type { Health } from '../health/health.ts';

/** A small box that is well, with a headset and a keyboard: of the size that such reports have. */
export const pretendHealth: Health = {
  read: () =>
    Promise.resolve({
      upMs: 3_600_000,
      load: Math.round(Math.random() * 100) / 100,
      cores: 2,
      memory: { totalMb: 3900, availableMb: 2100 + Math.round(Math.random() * 500) },
      disk: { totalMb: 15_000, freeMb: 9000 },
      hottestC: 45 + Math.round(Math.random() * 10),
      network: { name: 'enp1s0', up: true, mbps: 1000, errors: 0, dropped: 0 },
      resent: 0,
      viewerMb: 90,
    }),
  inventory: () =>
    Promise.resolve({
      manufacturer: 'Anyseat',
      model: 'fleet',
      system: 'Linux',
      macs: [],
      displays: ['DP-1'],
      usb: [
        { name: 'Headset', kind: 'audio', id: '046d:0a44' },
        { name: 'Keyboard', kind: 'input', id: '046d:c31c' },
        { name: 'Mouse', kind: 'input', id: '046d:c077' },
      ],
      audio: ['Headset', 'HDA Intel'],
    }),
};
