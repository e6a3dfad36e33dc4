import { Fault } from '@anyseat/base';
import { labelRequest, resourceName, type ActAnswer } from '@anyseat/protocol';
import type { ActSite } from './actSite.ts';
import type { Asked, OperatorDeps } from './routes.ts';

/** Where a seat stands, by its name. */
export const ofSeat: ActSite = ({ params }, { keeper }) =>
  Promise.resolve(keeper.current.seats.get(params['seat'] ?? '')?.spec.site);

/**
 * What stands on the desk. A revision of its own, as if it had been applied; the page of the seat shows it at once.
 *
 * @throws Fault `seat-unknown` (refused)
 */
export async function labelSeat({ params, body, by }: Asked, { keeper }: OperatorDeps): Promise<ActAnswer> {
  const name = resourceName.parse(params['seat']);
  const { label } = labelRequest.parse(body);
  await keeper.reload();
  const seat = keeper.current.seats.get(name);
  if (!seat)
    throw new Fault('seat-unknown', 'refused', `there is no seat “${name}”`, { fields: { seat: name } });
  const before = seat.spec.label;
  if (before === label) return { text: `Seat ${name} is called “${label}” already.` };
  const text = JSON.stringify({ seats: { [name]: { ...seat.spec, label } } });
  await keeper.apply({ text, file: `the label of seat ${name}`, prune: false, dryRun: false }, by);
  return { text: `Seat ${name} is called “${label}”, and was “${before}”.` };
}
