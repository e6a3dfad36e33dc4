import { z } from 'zod';

/** How a viewer reaches a desktop. A later display (RDP, a gateway hop) is one more member of the union. */
export const spiceDisplay = z.object({
  kind: z.literal('spice'),
  host: z.string().min(1).max(255),
  /** Plain port; absent when only TLS is to be used. */
  port: z.int().min(1).max(65535).optional(),
  tlsPort: z.int().min(1).max(65535).optional(),
  /** PEM of the authority that signed the hosts' certificates. */
  ca: z.string().max(8192).optional(),
  /** `CN=host` form as `remote-viewer` compares it; without it the host's name is compared with the certificate. */
  hostSubject: z.string().max(1024).optional(),
  /** The ticket, at most 60 characters (QEMU's limit). */
  password: z.string().max(60).optional(),
});

export const display = z.discriminatedUnion('kind', [spiceDisplay]);

export type SpiceDisplay = z.infer<typeof spiceDisplay>;
export type Display = z.infer<typeof display>;

/** What of a seat the viewer gives to a desktop. What is left out is as the viewer has it by itself. */
export const viewerSettings = z.object({
  /** Screens of the seat that show the desktop; without it all. */
  monitors: z.int().min(1).max(4).optional(),
  /** USB devices of the seat may be handed over. */
  usb: z.boolean().optional(),
  audio: z.boolean().optional(),
  clipboard: z.boolean().optional(),
});
export type ViewerSettings = z.infer<typeof viewerSettings>;
