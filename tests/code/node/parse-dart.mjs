// Reads programs of Dart with tree-sitter's grammar: a line for each that has a fault, and the exit code.
import { readFileSync } from 'node:fs';
import { parse, registerDynamicLanguage } from '@ast-grep/napi';
import dart from '@ast-grep/lang-dart';

registerDynamicLanguage({ dart });
let faults = 0;
for (const file of process.argv.slice(2)) {
  const source = readFileSync(file, 'utf8');
  const root = parse('dart', source).root();
  const missing = root.text().length !== source.length;
  const found = root.findAll({ rule: { kind: 'ERROR' } });
  if (found.length > 0 || missing) {
    faults += 1;
    console.log(`${file}: ${found.map((node) => `line ${node.range().start.line + 1}: ${node.text()}`).join('; ')}`);
  }
}
process.exit(faults === 0 ? 0 : 1);
