import { z } from 'zod';

/** What kind of text of a definition a string is. */
export const placeSchema = z.enum([
  /** What names the offer. */
  'name',
  /** A title, description, comment, the server's instructions: prose for a model or a person. */
  'text',
  /** The name of an input or output field. */
  'parameter',
  /** A default, constant, example, or one of an enumeration. */
  'value',
  /** A URI, URI template or icon address. */
  'uri',
  /** Text in the result of a call. */
  'result',
  /** Anything else: `_meta`, unknown fields. */
  'other',
]);
export type Place = z.infer<typeof placeSchema>;
