export interface ChoiceProps<T extends string> {
  label: string;
  options: readonly { value: T; text: string; lang?: string }[];
  value: T;
  onChoose: (value: T) => void;
}

/** One of a few, all of them visible. */
export function Choice<T extends string>({ label, options, value, onChoose }: ChoiceProps<T>) {
  return (
    <div className="choice" role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          className="choice-one"
          aria-pressed={option.value === value}
          lang={option.lang}
          onClick={() => onChoose(option.value)}
        >
          {option.text}
        </button>
      ))}
    </div>
  );
}
