/** What a set of Debian packages is for, and what is lost without it: a sentence for the person who started us. */
export interface PackageSet {
  packages: readonly string[];
  /** Packages that only some releases have, by what another package brings where they do not exist. */
  unless?: Readonly<Record<string, string>>;
  without: string;
}

/**
 * The Debian packages that parts of Anyseat use, by purpose; as few as will do, because recommended packages are not
 * installed. Names are those of Debian 12; on Ubuntu there is no chromium but as a snap, and QEMU has SPICE up to 22.04 only.
 */
export const packageSets = {
  desktop: {
    packages: words('qemu-system-x86 qemu-utils qemu-system-modules-spice'),
    // Debian 13 has QEMU's SPICE in a package of its own.
    unless: { 'qemu-system-modules-spice': '/usr/lib/*/qemu/ui-spice-core.so' },
    without: 'desktops are only states and timings, with nothing to see',
  },
  seat: {
    packages: words('virt-viewer chromium openbox fonts-wqy-microhei'),
    without:
      'the seat has no window of its own: its login page opens in any browser, and desktops do not open',
  },
  screenTests: {
    packages: words('xvfb xauth xdotool imagemagick x11-utils openssl'),
    without: 'tests that look at a screen are skipped',
  },
  directoryTests: {
    packages: words(
      'slapd ldap-utils openssl',
      'samba samba-ad-provision samba-dsdb-modules samba-vfs-modules ldb-tools winbind iproute2',
    ),
    without: 'tests against a real OpenLDAP and a real Active Directory are skipped',
  },
  packageTests: {
    packages: words('debootstrap xvfb imagemagick'),
    without: 'the Debian package of the agent is not tried on a Debian of its own',
  },
  openstackTests: {
    packages: words(
      'python3-keystone python3-glance python3-placement python3-nova python3-neutron',
      'uwsgi-core uwsgi-plugin-python3 rabbitmq-server mariadb-server-core mariadb-client-core',
      'memcached python3-openstackclient python3-pymysql python3-memcache',
      'libvirt-daemon libvirt-daemon-driver-qemu libvirt-clients python3-libvirt',
      'qemu-system-x86 qemu-utils openssl curl systemd',
    ),
    without: 'there is no real OpenStack to test on',
  },
} as const satisfies Record<string, PackageSet>;

function words(...lines: string[]): string[] {
  return lines.join(' ').split(' ');
}

export type Purpose = keyof typeof packageSets;

/** All packages of these purposes, each once, in order, with the files (a glob) that make one unnecessary. */
export function packagesFor(purposes: readonly Purpose[]): { name: string; unless: string | undefined }[] {
  const sets = purposes.map((purpose): PackageSet => packageSets[purpose]);
  const names = new Set(sets.flatMap(({ packages }) => packages));
  const unless: Record<string, string> = Object.assign({}, ...sets.map((set) => set.unless));
  return [...names].map((name) => ({ name, unless: unless[name] }));
}

/** Which purposes lose what, when these packages are missing. */
export function lossesOf(purposes: readonly Purpose[], missing: readonly string[]): string[] {
  return purposes.flatMap((purpose) => {
    const { packages, without } = packageSets[purpose];
    const lacks = missing.filter((name) => packages.includes(name));
    return lacks.length === 0 ? [] : [`without ${lacks.join(', ')}: ${without}`];
  });
}
