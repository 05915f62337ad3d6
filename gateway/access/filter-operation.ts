import {
  type ASTNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql'
import { gatewayError } from '../errors.ts'
import { buildFilteredDocument } from './filtered-document.ts'
import { operationDocument } from './operation-document.ts'
import { plannedText } from './planned-text.ts'
import { type Mark, type RemovedPath, type Walk, walkSelections } from './removal-marks.ts'
import type { ReservedKeys } from './reserved-keys.ts'
import type { Rights } from './rights.ts'
import { type AccessRules, STAGES, type Stage } from './scope-rules.ts'
import { createPolicyListener, createStageJudge, type StageJudge } from './stage-judge.ts'

/** An operation as a client sent it; the document has been validated against the API schema. */
export type ClientOperation = { document: DocumentNode; operationName?: string | null | undefined }

/** One refused place and the stage of access control that refused it. */
export type Refusal = RemovedPath & { stage: Stage }

/** An operation with all that its asker may not see taken out, and the memory of what that was. */
export type FilteredOperation = {
  /** What the client asked; `marks` speak of its nodes, so results are shaped with it. */
  readonly original: DocumentNode
  readonly operation: OperationDefinitionNode
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly operationName: string | null
  /** What may be planned and fetched. Meaningless when `isFullyDenied`. */
  readonly document: DocumentNode
  /** SHA-256 of the printed document: equal for equal questions, whoever asks. */
  readonly documentHash: string
  readonly text: string
  readonly marks: ReadonlyMap<ASTNode, Mark>
  readonly removedPaths: readonly Refusal[]
  readonly isFullyDenied: boolean
  /** In a dry run: what would have been refused. */
  readonly wouldRefuse?: readonly Refusal[]
  /** What a question about the schema is answered from, where that goes by rights. */
  readonly visibleSchema?: () => GraphQLSchema
}

type Access = {
  schema: GraphQLSchema
  rules: AccessRules
  reservedKeys: ReservedKeys
  rights: Rights
}

function findOperation({ document, operationName }: ClientOperation): OperationDefinitionNode {
  const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION)
  const named = operationName
    ? operations.filter((node) => node.name?.value === operationName)
    : operations
  const [operation] = named
  if (!operation || named.length > 1) throw gatewayError('OPERATION_UNKNOWN')
  return operation
}

function fragmentsOf(document: DocumentNode): Map<string, FragmentDefinitionNode> {
  const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION)
  return new Map(fragments.map((node) => [node.name.value, node]))
}

type Judged = { isDenied: boolean; removed: readonly RemovedPath[] }
type Subject = Pick<FilteredOperation, 'operation' | 'fragments'> & { marks: Map<ASTNode, Mark> }

function judgeStage(
  subject: Subject,
  judge: StageJudge | null,
  { schema, reservedKeys }: Access,
): Judged {
  const { operation, fragments, marks } = subject
  const root = schema.getRootType(operation.operation)
  if (!root) throw gatewayError('OPERATION_UNKNOWN')
  const allowsAll: StageJudge = {
    mayType: () => true,
    mayField: () => true,
    mayImplementers: () => true,
  }
  if (judge && !judge.mayType(root.name))
    return { isDenied: true, removed: [{ path: [], coordinate: root.name }] }
  const shared = { schema, reservedKeys, fragments, marks }
  const walk: Walk = { ...shared, judge: judge ?? allowsAll, outcomes: new Map() }
  const outcome = walkSelections(walk, operation.selectionSet, root)
  return { isDenied: outcome.isEmpty, removed: [...outcome.removed.values()] }
}

/** What the stages of a list take out, one after another. */
function judgeStages(subject: Subject, stages: readonly Stage[], access: Access) {
  const removedPaths: Refusal[] = []
  let isFullyDenied = judgeStage(subject, null, access).isDenied
  for (const stage of stages) {
    const judge = isFullyDenied ? null : createStageJudge(stage, access)
    if (!judge) continue
    const judged = judgeStage(subject, judge, access)
    isFullyDenied = judged.isDenied
    removedPaths.push(...judged.removed.map((removed) => ({ ...removed, stage })))
  }
  return { removedPaths, isFullyDenied }
}

function subjectOf(client: ClientOperation): Subject {
  const fragments = fragmentsOf(client.document)
  return { operation: findOperation(client), fragments, marks: new Map() }
}

/**
 * Takes out of an operation what its asker may not see, as Apollo Router does: `@authenticated`,
 * then `@requiresScopes`, then `@policy`, each on what the one before has left.
 * Throws OPERATION_UNKNOWN and RESPONSE_KEY_RESERVED.
 */
export function filterOperation(client: ClientOperation, access: Access): FilteredOperation {
  const subject = subjectOf(client)
  const judged = judgeStages(subject, STAGES, access)
  const document =
    subject.marks.size === 0 || judged.isFullyDenied
      ? operationDocument(client.document, subject.operation, subject.fragments)
      : buildFilteredDocument({ ...subject, schema: access.schema })
  return {
    ...subject,
    ...judged,
    original: client.document,
    operationName: subject.operation.name?.value ?? null,
    ...plannedText(document),
  }
}

/**
 * The policies on which it depends what is left of an operation once the stages before have taken
 * out theirs: nobody else need be asked. Throws as `filterOperation`.
 */
export function policiesWithin(client: ClientOperation, access: Access): string[] {
  const subject = subjectOf(client)
  const before = STAGES.slice(0, STAGES.indexOf('policies'))
  if (judgeStages(subject, before, access).isFullyDenied) return []
  const { judge, heard } = createPolicyListener(access)
  judgeStage(subject, judge, access)
  return [...heard].sort()
}
