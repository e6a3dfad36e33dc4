import type { FloorSeat } from '@anyseat/protocol';

/** Seats in which every word of what was typed stands: in person, seat, thin client, desktop or address. */
export function findSeats(seats: readonly FloorSeat[], typed: string): FloorSeat[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  return seats.filter((seat) => {
    const text = [
      seat.user,
      seat.displayName,
      seat.name,
      seat.label,
      seat.tc,
      seat.desktop,
      seat.address,
      seat.session,
    ]
      .join('\n')
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
