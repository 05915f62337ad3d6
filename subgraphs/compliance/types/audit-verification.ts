import { builder } from '../builder.ts'
import { MAY } from '../scopes.ts'
import type { Verification } from '../services/audit/verification.ts'
import { FINDING_KINDS, type Finding, type FindingKind } from '../services/audit/verify.ts'

const WORDS: Readonly<Record<FindingKind, string>> = {
  missing: 'The entry of this place is gone.',
  duplicate: 'The place is taken twice.',
  canonical: 'The bytes are no entry.',
  hash: 'The bytes are not those that were hashed.',
  mac: 'Whoever wrote it did not have the key.',
  prev: 'It does not follow the entry before.',
  column: 'A column says something else than the bytes.',
  beyond: 'It stands after the end of the chain.',
  head: 'The end of the chain is not as it was written.',
}

const FindingKindEnum = builder.enumType('AuditFindingKind', {
  description: 'What is wrong at a place of the audit log.',
  values: Object.fromEntries(
    FINDING_KINDS.map((kind) => [kind.toUpperCase(), { value: kind, description: WORDS[kind] }]),
  ),
})

const FindingType = builder.objectRef<Finding>('AuditFinding').implement({
  description: 'Something that is not as it was written.',
  fields: (t) => ({
    seq: t.field({
      type: 'BigInt',
      description: 'At which place.',
      resolve: ({ seq }) => BigInt(seq),
    }),
    kind: t.field({
      type: FindingKindEnum,
      description: 'What is wrong.',
      resolve: ({ kind }) => kind,
    }),
    column: t.exposeString('column', { nullable: true, description: 'In which column, if one.' }),
  }),
})

const VerificationType = builder.objectRef<Verification>('AuditVerification').implement({
  description: 'What a look at a chain of the audit log found.',
  fields: (t) => ({
    chain: t.exposeString('chain', { description: 'Which chain.' }),
    checked: t.exposeInt('checked', { description: 'Entries looked at.' }),
    isWhole: t.exposeBoolean('isWhole', {
      nullable: true,
      description:
        'True where the whole chain was looked at and is as written; false as soon as something is not; null where a part without fault was looked at: the chain is whole when no part, from the first to the one without nextSeq, has a fault.',
    }),
    firstBroken: t.field({
      type: FindingType,
      nullable: true,
      description: 'The first place that is not as it was written.',
      resolve: ({ firstBroken }) => firstBroken,
    }),
    findings: t.field({
      type: [FindingType],
      description: 'All that was found, by place; at most 100.',
      listSize: { assumedSize: 5 },
      resolve: ({ findings }) => findings,
    }),
    nextSeq: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Where to ask on; null where the chain ends here.',
      resolve: ({ nextSeq }) => (nextSeq === null ? null : BigInt(nextSeq)),
    }),
    headSeq: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'How long the chain is; null until its end was reached.',
      resolve: ({ headSeq }) => (headSeq === null ? null : BigInt(headSeq)),
    }),
    headHash: t.exposeString('headHash', {
      nullable: true,
      description:
        'The hash at its end; null until it was reached. Kept elsewhere, it shows later that nothing before it went.',
    }),
  }),
})

builder.queryField('auditVerification', (t) =>
  t.field({
    type: VerificationType,
    nullable: true,
    auth: MAY.readAudit,
    cost: 50,
    description:
      'Looks again at up to 2,000 entries of a chain: hashes, order, columns, end. A longer one is asked on from nextSeq.',
    args: {
      tenantId: t.arg.id({
        description: 'Of this tenant; absent for your own, or the platform’s.',
      }),
      fromSeq: t.arg.int({ description: 'From this place on; the first if absent.' }),
    },
    resolve: (_root, asked, { chainVerification }) => chainVerification.verify(asked),
  }),
)
