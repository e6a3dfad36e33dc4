import { Client } from 'ldapts';
import type { Staff } from '../../lab/callCentre.ts';
import { PEOPLE, SERVICE_PASSWORD } from '../../lab/ldif.ts';
import type { Slapd } from '../../lab/slapd.ts';

const ATTRIBUTES = ['entryUUID', 'uid', 'displayName', 'cn', 'departmentNumber', 'employeeType', 'memberOf'];

/**
 * The floor of a login: ldapts alone, the same search and the same bind as a login of ours, on connections that stay
 * open, one for searching and one for binding for each worker.
 */
export async function openRawLdap(slapd: Slapd, workers: number) {
  const pairs = await Promise.all(
    Array.from({ length: workers }, async () => {
      const [search, bind] = [new Client({ url: slapd.url }), new Client({ url: slapd.url })];
      await search.bind(slapd.serviceDn, SERVICE_PASSWORD);
      return { search, bind };
    }),
  );
  return {
    async login(staff: Staff, worker: number): Promise<void> {
      const { search, bind } = pairs[worker]!;
      const filter = `(uid=${staff.user})`;
      const { searchEntries } = await search.search(PEOPLE, {
        scope: 'sub',
        filter,
        attributes: ATTRIBUTES,
        sizeLimit: 2,
      });
      await bind.bind(searchEntries[0]!.dn, staff.password);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(pairs.flatMap(({ search, bind }) => [search.unbind(), bind.unbind()]));
    },
  };
}
