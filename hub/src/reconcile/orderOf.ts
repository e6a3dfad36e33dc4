import type { PoolSpec } from '@anyseat/protocol';
import type { ServerOrder } from '../cloud/cloud.ts';
import type { Desktop } from '../domain/desktop.ts';
import { desktopTag, hostNameOf, installationTag, metadataKeys } from '../domain/naming.ts';

/** What the cloud is asked for on behalf of a desktop. */
export function orderOf(desktop: Desktop, spec: PoolSpec, installation: string): ServerOrder {
  const hostName = hostNameOf(spec, desktop);
  return {
    name: desktop.serverName!,
    hostName,
    spec,
    metadata: {
      [metadataKeys.installation]: installation,
      [metadataKeys.desktop]: desktop.id,
      [metadataKeys.pool]: desktop.pool,
      [metadataKeys.revision]: String(desktop.poolRevision),
    },
    tags: ['anyseat', installationTag(installation), desktopTag(desktop.id)],
    userData: spec.userData?.replaceAll('{name}', hostName).replaceAll('{pool}', desktop.pool),
  };
}
