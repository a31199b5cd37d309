import { useRef, useState } from 'react';
import { classNames } from '../../lib/class-names.ts';
import { shellQuote } from '../../lib/shell-quote.ts';
import { IconButton } from './button.tsx';
import { VisibleText } from './visible-text.tsx';

interface CommandBlockProps {
  /** Command and arguments, unquoted, complete. */
  argv: readonly string[];
  /** Arguments to print bold: the package, image or digest a person should read. */
  strong?: readonly string[];
  className?: string;
}

/** An exact command: breaks between arguments, inside one only where it is too long, and copies as one exact line. */
export function CommandBlock({ argv, strong = [], className }: CommandBlockProps) {
  const line = argv.map(shellQuote).join(' ');
  return (
    <div className={classNames('cmd-w', className)}>
      <pre className="code cmd">
        {argv.map((argument, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: arguments have no identity but their place
          <span key={index} className="arg">
            {index > 0 && ' '}
            <span className={classNames('word', strong.includes(argument) && 'st')}>
              <VisibleText text={shellQuote(argument)} />
            </span>
          </span>
        ))}
      </pre>
      <CopyButton text={line} label="Copy command" />
    </div>
  );
}

/** A printed command line in pieces: each argument with the blanks before it, quoted ones whole. Loses no character. */
export const piecesOf = (line: string): string[] =>
  line.match(/\s*(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"]|['"])+|\s+/gs) ?? [];

/** A command line that is already one quoted string: breaks only between arguments. */
export function CommandLine({ line, strong = [] }: { line: string; strong?: readonly string[] }) {
  return (
    <span className="cmd">
      {piecesOf(line).map((piece, index) => {
        const argument = piece.trimStart();
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: arguments have no identity but their place
          <span key={index} className="arg">
            {piece.slice(0, piece.length - argument.length)}
            <span className={classNames('word', strong.includes(argument) && 'st')}>
              <VisibleText text={argument} />
            </span>
          </span>
        );
      })}
    </span>
  );
}

/** Copies text and says so for two seconds. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [isCopied, setCopied] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  return (
    <IconButton
      icon={isCopied ? 'check' : 'copy'}
      label={isCopied ? 'Copied' : label}
      tone="ghost"
      size="sm"
      onClick={async () => {
        await navigator.clipboard.writeText(text);
        setCopied(true);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => setCopied(false), 2000);
      }}
    />
  );
}
