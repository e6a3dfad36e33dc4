import { NumberInput, Select, Switch, TagsInput, Text, Textarea, TextInput } from '@mantine/core';
import { useConsole } from '../context.ts';

export type Spec = Readonly<Record<string, unknown>>;

/** As much of JSON Schema (2020-12) as specifications come to. */
interface Schema {
  type?: string;
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
  items?: Schema;
  enum?: readonly unknown[];
  description?: string;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
}

/** Text of which this much is allowed has lines. */
const LONG = 1000;

/** The plain fields of a specification, each by its type; what has parts of its own is named, and written as YAML. */
export function SpecForm({
  schema,
  spec,
  onChange,
}: {
  schema: unknown;
  spec: Spec;
  onChange: (spec: Spec) => void;
}) {
  const { t } = useConsole();
  const { properties = {}, required = [] } = schema as Schema;
  const put = (name: string, value: unknown) => {
    const { [name]: _, ...others } = spec;
    const isLeftOut = value === undefined || value === '' || value === null;
    onChange(isLeftOut && !required.includes(name) ? others : { ...spec, [name]: value });
  };
  const fields = Object.entries(properties);
  const plain = fields.filter(([, one]) => isPlain(one));
  const inYaml = fields.filter(([, one]) => !isPlain(one)).map(([name]) => name);
  return (
    <>
      <div className="spec" lang="en">
        {plain.map(([name, one]) => (
          <Field
            key={name}
            name={name}
            schema={one}
            required={required.includes(name)}
            value={spec[name]}
            put={(value) => put(name, value)}
          />
        ))}
      </div>
      {inYaml.length > 0 && (
        <Text size="sm" c="dimmed">
          {t('ruleInYaml', { names: inYaml.join(', ') })}
        </Text>
      )}
    </>
  );
}

const isListOfTexts = ({ type, items }: Schema): boolean => type === 'array' && items?.type === 'string';
const isPlain = (one: Schema): boolean =>
  one.enum !== undefined ||
  isListOfTexts(one) ||
  ['string', 'integer', 'number', 'boolean'].includes(one.type ?? '');

interface FieldProps {
  name: string;
  schema: Schema;
  required: boolean;
  value: unknown;
  put: (value: unknown) => void;
}

function Field({ name, schema, required, value, put }: FieldProps) {
  const { description, minimum, maximum } = schema;
  const about = { label: name, description, required };
  if (schema.enum)
    return (
      <Select
        {...about}
        data={schema.enum.map(String)}
        value={typeof value === 'string' ? value : null}
        clearable={!required}
        onChange={put}
      />
    );
  if (isListOfTexts(schema))
    return (
      <TagsInput {...about} splitChars={[]} value={(value as string[] | undefined) ?? []} onChange={put} />
    );
  if (schema.type === 'boolean')
    return (
      <Switch
        label={name}
        description={description}
        checked={value === true}
        onChange={(event) => put(event.currentTarget.checked)}
      />
    );
  if (schema.type === 'integer' || schema.type === 'number')
    return (
      <NumberInput
        {...about}
        value={(value as number | undefined) ?? ''}
        allowDecimal={schema.type === 'number'}
        {...(minimum === undefined ? {} : { min: minimum })}
        {...(maximum === undefined || maximum > 1e9 ? {} : { max: maximum })}
        onChange={(to) => put(to)}
      />
    );
  const text = (value as string | undefined) ?? '';
  // A line of input would drop the ends of lines.
  return (schema.maxLength ?? 0) >= LONG || text.includes('\n') ? (
    <Textarea {...about} autosize value={text} onChange={(event) => put(event.currentTarget.value)} />
  ) : (
    <TextInput {...about} value={text} onChange={(event) => put(event.currentTarget.value)} />
  );
}
