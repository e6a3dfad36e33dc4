import { useDeferredValue, useMemo, useRef, useState, type ReactNode } from 'react';
import { Checkbox, Group, Text, TextInput, UnstyledButton } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useConsole } from '../context.ts';

export interface Column<Row> {
  head: string;
  /** How wide, as a track of a CSS grid. */
  track: string;
  /** What is sorted by and searched in; what is shown, unless `cell` says otherwise. */
  text: (row: Row) => string | number | undefined;
  cell?: (row: Row) => ReactNode;
  right?: boolean;
}

interface TableProps<Row> {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  /** Typed before anybody typed. */
  typed?: string;
  /** Beside the search. */
  beside?: ReactNode;
  /** Rows can be chosen, by their keys; the box in the head chooses all that are shown. */
  chosen?: { keys: ReadonlySet<string>; choose: (keys: ReadonlySet<string>) => void };
}

const HIGH = 36;
const inOrder = new Intl.Collator(undefined, { numeric: true });

/** Rows to look through: sorted by a press on a head, searched in every column, and only those drawn that are seen. */
export function RowTable<Row>({ label, columns, rows, keyOf, typed = '', beside, chosen }: TableProps<Row>) {
  const { t } = useConsole();
  const [search, setSearch] = useState(typed);
  const [by, setBy] = useState<{ column: number; up: boolean }>();
  const wanted = useDeferredValue(search);
  const shown = useMemo(
    () => sorted(searched(rows, columns, wanted), columns, by),
    [rows, columns, wanted, by],
  );
  const box = useRef<HTMLDivElement>(null);
  // oxlint-disable-next-line react/incompatible-library -- what it gives is used here alone
  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => box.current,
    estimateSize: () => HIGH,
    overscan: 12,
    getItemKey: (i) => keyOf(shown[i]!),
  });
  const tracks = {
    gridTemplateColumns: [...(chosen ? ['2.2rem'] : []), ...columns.map(({ track }) => track)].join(' '),
  };
  const chooseAll = (all: boolean) => chosen?.choose(new Set(all ? shown.map(keyOf) : []));
  return (
    <div className="table-page">
      <Group className="table-head" gap="sm">
        <TextInput
          type="search"
          size="sm"
          aria-label={t('search')}
          placeholder={t('search')}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        {beside}
        <Text size="sm" c="dimmed" ml="auto">
          {shown.length === rows.length
            ? t('rows', { count: rows.length })
            : t('rowsOf', { shown: shown.length, count: rows.length })}
        </Text>
      </Group>
      <div
        className="table"
        role="table"
        aria-label={label}
        aria-rowcount={shown.length + 1}
        ref={box}
        tabIndex={0}
      >
        <div role="rowgroup" className="table-heads">
          <div role="row" className="table-row" style={tracks}>
            {chosen && (
              <div role="columnheader">
                <Checkbox
                  size="xs"
                  aria-label={t('chooseAll')}
                  checked={shown.length > 0 && shown.every((row) => chosen.keys.has(keyOf(row)))}
                  indeterminate={chosen.keys.size > 0 && !shown.every((row) => chosen.keys.has(keyOf(row)))}
                  onChange={(event) => chooseAll(event.currentTarget.checked)}
                />
              </div>
            )}
            {columns.map(({ head, right }, i) => (
              <div
                key={head}
                role="columnheader"
                data-right={right || undefined}
                aria-sort={by?.column !== i ? 'none' : by.up ? 'ascending' : 'descending'}
              >
                {head !== '' && (
                  <UnstyledButton
                    className="table-sort"
                    onClick={() =>
                      setBy(
                        by?.column === i
                          ? by.up
                            ? { column: i, up: false }
                            : undefined
                          : { column: i, up: true },
                      )
                    }
                  >
                    {head}
                    {by?.column === i && (by.up ? ' ↑' : ' ↓')}
                  </UnstyledButton>
                )}
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" className="table-rows" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, key, start }) => (
            <div
              key={key}
              role="row"
              aria-rowindex={index + 2}
              className="table-row"
              style={{ ...tracks, transform: `translateY(${start}px)` }}
            >
              {chosen && (
                <div role="cell">
                  <Checkbox
                    size="xs"
                    aria-label={t('choose')}
                    checked={chosen.keys.has(keyOf(shown[index]!))}
                    onChange={() => chosen.choose(toggled(chosen.keys, keyOf(shown[index]!)))}
                  />
                </div>
              )}
              {columns.map((column) => (
                <div key={column.head} role="cell" data-right={column.right || undefined}>
                  {column.cell ? column.cell(shown[index]!) : column.text(shown[index]!)}
                </div>
              ))}
            </div>
          ))}
        </div>
        {shown.length === 0 && (
          <div className="table-none">{t(rows.length === 0 ? 'nothingHere' : 'searchNothing')}</div>
        )}
      </div>
    </div>
  );
}

function toggled(keys: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(keys);
  if (!next.delete(key)) next.add(key);
  return next;
}

function searched<Row>(rows: readonly Row[], columns: readonly Column<Row>[], typed: string): readonly Row[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const text = columns
      .map((column) => column.text(row) ?? '')
      .join('\n')
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function sorted<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  by: { column: number; up: boolean } | undefined,
): readonly Row[] {
  const column = by && columns[by.column];
  if (!column) return rows;
  const way = by.up ? 1 : -1;
  return [...rows].sort((a, b) => {
    const [x, y] = [column.text(a) ?? '', column.text(b) ?? ''];
    if (typeof x === 'number' && typeof y === 'number') return (x - y) * way;
    return inOrder.compare(String(x), String(y)) * way;
  });
}
