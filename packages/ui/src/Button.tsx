import type { ButtonHTMLAttributes, Ref } from 'react';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `primary`: what most people want here; one a screen. */
  look?: 'primary' | 'quiet';
  ref?: Ref<HTMLButtonElement>;
}

/** A button. It submits a form only when told to by its type. */
export function Button({ look = 'quiet', className = '', type = 'button', ...rest }: ButtonProps) {
  return <button {...rest} type={type} className={`button button-${look} ${className}`.trim()} />;
}
