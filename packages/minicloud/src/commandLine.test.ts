import { expect, test } from 'vitest';
import { readCommandLine } from './commandLine.ts';

const read = (argv: readonly string[]) => readCommandLine(argv, () => 'secret\n');

test('everything that can be said is understood', () => {
  const plain =
    '--hypervisor qemu --face 2025.1 --state var --port 0 --hosts 3 --cells 2 --flavor big:2,4096,20 --quota 5 ' +
    '--speed 10 --seed 1 --accel kvm --spice-x509 pki --spice-tls-only --spice-ticket-file t --clouds-yaml c.yaml ' +
    '--image win:disk=/d.qcow2,format=qcow2 --image';
  const line = read([...plain.split(' '), 'desk:kernel=/k,initrd=/i,append=console=ttyS0,115200 quiet']);
  expect(line).toEqual({
    help: false,
    cloudsYaml: 'c.yaml',
    logLevel: 'info',
    options: {
      hypervisor: 'qemu',
      face: '2025.1',
      stateDir: 'var',
      port: 0,
      hosts: { count: 3, cells: 2 },
      images: [
        { name: 'win', disk: '/d.qcow2', format: 'qcow2' },
        { name: 'desk', kernel: '/k', initrd: '/i', commandLine: 'console=ttyS0,115200 quiet' },
      ],
      flavors: [{ name: 'big', vcpus: 2, memoryMb: 4096, diskGb: 20 }],
      quota: { instances: 5 },
      speed: 10,
      seed: 1,
      qemu: { machine: 'pc,accel=kvm' },
      spice: { x509Dir: 'pki', tlsOnly: true, ticket: 'secret' },
    },
  });
});

test.each([
  [['--hypervisor', 'xen'], "--hypervisor is one of fake, qemu, not 'xen'"],
  [['--port', 'any'], "--port wants a whole number, not 'any'"],
  [['--accel', 'kvm:tcg'], "--accel names one accelerator, not 'kvm:tcg'"],
  [['--image', 'desk:kernal=/k'], "--image desk:kernal=/k: 'kernal=/k' is not understood"],
  [['--flavor', 'big'], '--flavor big: NAME:VCPUS,MB,GB is meant'],
  [['--nonsense'], "Unknown option '--nonsense'"],
])('%j is refused with a sentence', (argv, words) => {
  expect(() => read(argv)).toThrow(words);
});
