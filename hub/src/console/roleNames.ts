import type { OperatorRole } from '@anyseat/protocol';
import type { ConsoleKey } from '@anyseat/words';

export const roleNames = {
  view: 'roleView',
  help: 'roleHelp',
  operate: 'roleOperate',
  administer: 'roleAdminister',
} as const satisfies Record<OperatorRole, ConsoleKey>;
