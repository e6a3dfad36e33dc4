export interface StepsProps {
  /** In order. */
  steps: readonly string[];
  /** The one that is being done; those before it are done. */
  active: number;
  /** How the three states are read out. */
  words: { done: string; active: string; todo: string };
}

/** What is being done, one thing after the other. */
export function Steps({ steps, active, words }: StepsProps) {
  return (
    <ol className="steps">
      {steps.map((text, index) => {
        const state = index < active ? 'done' : index === active ? 'active' : 'todo';
        return (
          <li
            key={text}
            className={`step step-${state}`}
            aria-current={state === 'active' ? 'step' : undefined}
          >
            <span className="step-dot" aria-hidden="true">
              {state === 'done' ? <Tick /> : null}
            </span>
            <span>{text}</span>
            <span className="visually-hidden">{words[state]}</span>
          </li>
        );
      })}
    </ol>
  );
}

function Tick() {
  return (
    <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="2.2" strokeLinecap="round">
      <path d="M3.5 8.5 6.8 11.6 12.5 4.8" strokeLinejoin="round" />
    </svg>
  );
}
