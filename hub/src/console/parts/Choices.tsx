import { Button, Group, type MantineColorScheme } from '@mantine/core';
import { languageNames, languages, type ConsoleKey, type Language } from '@anyseat/words';

/** Language and light or dark, as a person chose them. */
export interface Choose {
  language: Language;
  setLanguage: (language: Language) => void;
  scheme: MantineColorScheme;
  setScheme: (scheme: MantineColorScheme) => void;
}

export function Choices({ choose, t }: { choose: Choose; t: (key: ConsoleKey) => string }) {
  const other = languages.find((one) => one !== choose.language)!;
  const isDark =
    choose.scheme === 'dark' ||
    (choose.scheme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
  return (
    <Group gap={4} wrap="nowrap">
      <Button
        size="compact-sm"
        variant="subtle"
        color="gray"
        lang={other}
        onClick={() => choose.setLanguage(other)}
      >
        {languageNames[other]}
      </Button>
      <Button
        size="compact-sm"
        variant="subtle"
        color="gray"
        onClick={() => choose.setScheme(isDark ? 'light' : 'dark')}
      >
        {t(isDark ? 'light' : 'dark')}
      </Button>
    </Group>
  );
}
