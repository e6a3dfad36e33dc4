export interface NoticeProps {
  tone: 'calm' | 'warn' | 'alarm';
  /** What happened. */
  text: string;
  /** What to do next. */
  next?: string | undefined;
}

/** Something to tell, in words. It is read out at once, unless it is calm. */
export function Notice({ tone, text, next }: NoticeProps) {
  return (
    <div className={`notice notice-${tone}`} role={tone === 'calm' ? 'status' : 'alert'}>
      <p className="notice-text">{text}</p>
      {next ? <p className="notice-next">{next}</p> : null}
    </div>
  );
}
