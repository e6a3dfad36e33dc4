import type { Face } from '../../options.ts';
import type { Schema } from '../schema.ts';

/** Request bodies of Nova (nova/api/openstack/compute/schemas), by microversion where they changed. */

const name: Schema = { type: 'string', minLength: 1, maxLength: 255, pattern: /^(?! )[^\p{Cc}]*(?<! )$/u };
const description: Schema = { type: ['string', 'null'], maxLength: 255 };
const yesOrNo: Schema = { type: ['boolean', 'string'] };
const metadata: Schema = {
  type: 'object',
  names: [/^[a-zA-Z0-9-_:. ]{1,255}$/, { type: 'string', maxLength: 255 }],
  additionalProperties: false,
};
const userData: Schema = { type: 'string', format: 'base64', maxLength: 65_535 };
const count: Schema = { type: ['integer', 'string'], pattern: /^[0-9]*$/, minimum: 1, minLength: 1 };
const fqdn: Schema = { type: 'string', minLength: 1, maxLength: 255, pattern: /^[a-zA-Z0-9-._]*$/ };
export const TAG: Schema = { type: 'string', minLength: 1, maxLength: 60, pattern: /^[^,/]*$/ };

/** One label up to 2.93; from 2.94 on a full name is taken. */
const hostName = (minor: number): Schema =>
  minor >= 94
    ? { type: 'string', minLength: 2, maxLength: 255, pattern: /^[a-zA-Z0-9]+[a-zA-Z0-9-.]*[a-zA-Z0-9]+$/ }
    : { type: 'string', minLength: 2, maxLength: 63, pattern: /^[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+$/ };

function networks(minor: number): Schema {
  const list: Schema = {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        fixed_ip: { type: 'string', pattern: /^[0-9a-fA-F.:]+$/ },
        port: { type: ['string', 'null'] },
        uuid: minor >= 37 ? { type: 'string', format: 'uuid' } : { type: 'string' },
        ...(minor >= 42 && { tag: TAG }),
      },
      additionalProperties: false,
    },
  };
  return minor >= 37 ? { oneOf: [list, { type: 'string', enum: ['none', 'auto'] }] } : list;
}

export const CREATE_SERVER = (minor: number): Schema => ({
  type: 'object',
  properties: {
    server: {
      type: 'object',
      properties: {
        name,
        imageRef: { type: 'string' },
        flavorRef: { type: ['string', 'integer'], minLength: 1 },
        adminPass: { type: 'string' },
        metadata,
        networks: networks(minor),
        'OS-DCF:diskConfig': { type: 'string', enum: ['AUTO', 'MANUAL'] },
        accessIPv4: { type: 'string' },
        accessIPv6: { type: 'string' },
        availability_zone: name,
        block_device_mapping: { type: 'array' },
        block_device_mapping_v2: { type: 'array' },
        config_drive: yesOrNo,
        key_name: name,
        min_count: count,
        max_count: count,
        return_reservation_id: yesOrNo,
        security_groups: {
          type: 'array',
          items: { type: 'object', properties: { name }, additionalProperties: false },
        },
        user_data: userData,
        ...(minor < 57 && { personality: { type: 'array' } satisfies Schema }),
        ...(minor >= 19 && { description }),
        ...(minor >= 52 && { tags: { type: 'array', items: TAG, maxItems: 50 } satisfies Schema }),
        ...(minor >= 63 && { trusted_image_certificates: { type: ['array', 'null'] } satisfies Schema }),
        ...(minor >= 74 && { host: fqdn, hypervisor_hostname: fqdn }),
        ...(minor >= 90 && { hostname: hostName(minor) }),
      },
      required: minor >= 37 ? ['name', 'flavorRef', 'networks'] : ['name', 'flavorRef'],
      additionalProperties: false,
    },
    'os:scheduler_hints': { type: 'object' },
    'OS-SCH-HNT:scheduler_hints': { type: 'object' },
  },
  required: ['server'],
  additionalProperties: false,
});

const wrapped = (
  key: string,
  properties: Record<string, Schema>,
  required: readonly string[] = [],
): Schema => ({
  type: 'object',
  properties: { [key]: { type: 'object', properties, required, additionalProperties: false } },
  required: [key],
  additionalProperties: false,
});

export const UPDATE_SERVER = (minor: number): Schema =>
  wrapped('server', {
    name,
    'OS-DCF:diskConfig': { type: 'string', enum: ['AUTO', 'MANUAL'] },
    accessIPv4: { type: 'string' },
    accessIPv6: { type: 'string' },
    ...(minor >= 19 && { description }),
    ...(minor >= 90 && { hostname: hostName(minor) }),
  });

export const REBUILD = (minor: number): Schema =>
  wrapped(
    'rebuild',
    {
      name,
      imageRef: { type: 'string', format: 'uuid' },
      adminPass: { type: 'string' },
      metadata,
      preserve_ephemeral: yesOrNo,
      'OS-DCF:diskConfig': { type: 'string', enum: ['AUTO', 'MANUAL'] },
      accessIPv4: { type: 'string' },
      accessIPv6: { type: 'string' },
      ...(minor >= 19 && { description }),
      ...(minor >= 54 && { key_name: { type: ['string', 'null'] } satisfies Schema }),
      ...(minor >= 57 && { user_data: { ...userData, type: ['string', 'null'] } satisfies Schema }),
      ...(minor >= 63 && { trusted_image_certificates: { type: ['array', 'null'] } satisfies Schema }),
      ...(minor >= 90 && { hostname: hostName(minor) }),
    },
    ['imageRef'],
  );

export const REBOOT = wrapped(
  'reboot',
  { type: { type: 'string', enum: ['HARD', 'Hard', 'hard', 'SOFT', 'Soft', 'soft'] } },
  ['type'],
);

export const RESET_STATE = wrapped(
  'os-resetState',
  { state: { type: 'string', enum: ['active', 'error'] } },
  ['state'],
);

export const CONSOLE_OUTPUT = wrapped('os-getConsoleOutput', {
  length: { type: ['integer', 'string', 'null'], pattern: /^-?[0-9]+$/, minimum: -1 },
});

export const METADATA: Schema = {
  type: 'object',
  properties: { metadata },
  required: ['metadata'],
  additionalProperties: false,
};

export const META: Schema = {
  type: 'object',
  properties: { meta: metadata },
  required: ['meta'],
  additionalProperties: false,
};

export const TAGS = wrappedList('tags', { type: 'array', items: TAG, maxItems: 50 });

function wrappedList(key: string, list: Schema): Schema {
  return { type: 'object', properties: { [key]: list }, required: [key], additionalProperties: false };
}

/** What consoles there are, by release and microversion (remote_consoles.create_v26, v28, v299). */
export const REMOTE_CONSOLE = (minor: number, face: Face): Schema => {
  const mks = minor >= 8;
  const types = ['novnc', 'xvpvnc', ...(face === 'zed' ? ['rdp-html5'] : []), 'spice-html5'];
  if (minor >= 99) types.push('spice-direct');
  return wrapped(
    'remote_console',
    {
      protocol: { type: 'string', enum: ['vnc', 'spice', 'rdp', 'serial', ...(mks ? ['mks'] : [])] },
      type: { type: 'string', enum: [...types, 'serial', ...(mks ? ['webmks'] : [])] },
    },
    ['protocol', 'type'],
  );
};
