/*
 * Runs in the page of the playground, as it stands here: shows the plan of the last answer as a tree
 * with times. It takes plans out of answers on their way to the editor, and touches nothing of it.
 */
;(() => {
  const NOTHING =
    'No plan yet. Run a query or mutation: its plan comes with the answer where GATEWAY_QUERY_PLAN is on, and to who holds platform:observe.'

  /** Makes an element; text is only ever text. */
  const element = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties)
    made.append(...children)
    return made
  }

  const milliseconds = (ms) => `${ms.toLocaleString('en', { maximumFractionDigits: 1 })} ms`

  const NAMES = {
    Fetch: ({ subgraph, operationKind, isOfEntities }) =>
      `Fetch from ${subgraph}: ${isOfEntities ? 'more of known objects' : operationKind}`,
    Flatten: ({ path }) => `For each ${path}`,
    Sequence: () => 'One after the other',
    Parallel: () => 'At the same time',
    Condition: ({ condition }) => `Only as $${condition} says`,
    Defer: () => 'In parts',
    Subscription: () => 'For each event',
  }

  /** Where on the line of time a node ran; its words say the same, so that it is no news to hear. */
  const barOf = ({ startMs, ms }, total) => {
    const bar = element('span', { className: 'plan-bar', ariaHidden: 'true' })
    const run = element('span')
    run.style.marginInlineStart = `${Math.min(100, (startMs / total) * 100)}%`
    run.style.inlineSize = `${Math.max(1, Math.min(100, (ms / total) * 100))}%`
    bar.append(run)
    return bar
  }

  const headOf = (node, total) => {
    const words = element('span', { textContent: (NAMES[node.kind] ?? (() => node.kind))(node) })
    const isTimed = node.ms !== undefined
    const time = element('span', {
      className: 'plan-time',
      textContent: isTimed ? milliseconds(node.ms) : 'not executed here',
    })
    const head = [words, time]
    if (node.code) head.push(element('strong', { textContent: node.code }))
    if (isTimed) head.push(barOf(node, total))
    return head
  }

  const itemOf = (node, total) => {
    const within = (node.nodes ?? []).map((child) => itemOf(child, total))
    const parts = []
    if (within.length > 0) parts.push(element('ul', {}, ...within))
    if (node.operation) parts.push(element('pre', { textContent: node.operation, tabIndex: 0 }))
    const details = element('details', { open: within.length > 0 })
    details.append(element('summary', {}, ...headOf(node, total)), ...parts)
    return element('li', {}, details)
  }

  /** Until the last node ended. */
  const totalOf = (node) =>
    Math.max(0.1, (node.startMs ?? 0) + (node.ms ?? 0), ...(node.nodes ?? []).map(totalOf))

  const treeOf = ({ node, isRemembered }) => {
    if (!node) return [element('p', { textContent: 'No subgraph was needed.' })]
    const total = totalOf(node)
    const known = { true: 'The plan was remembered.', false: 'The plan was made for this request.' }
    const summary = `${known[isRemembered] ?? ''} Executed in ${milliseconds(total)}.`
    return [
      element('p', { textContent: summary.trim() }),
      element('ul', { className: 'plan-tree' }, itemOf(node, total)),
    ]
  }

  const button = element('button', { type: 'button', id: 'plan-button', textContent: 'Query plan' })
  const content = element('div', { id: 'plan-content' }, element('p', { textContent: NOTHING }))
  const close = element('button', { type: 'button', textContent: 'Close' })
  const title = element('h2', { id: 'plan-title', textContent: 'Query plan' })
  const dialog = element('dialog', { id: 'plan' }, element('header', {}, title, close), content)
  dialog.setAttribute('aria-labelledby', 'plan-title')
  button.setAttribute('aria-haspopup', 'dialog')
  button.addEventListener('click', () => dialog.showModal())
  close.addEventListener('click', () => dialog.close())
  document.addEventListener('DOMContentLoaded', () => document.body.append(button, dialog))

  const show = (plan) => {
    content.replaceChildren(...treeOf(plan))
    button.textContent = plan.node
      ? `Query plan · ${milliseconds(totalOf(plan.node))}`
      : 'Query plan'
  }

  /** An answer as the editor shows it: its plan is shown here instead. One without a plan stays as it is. */
  const withoutPlan = async (answer) => {
    if (!/json/.test(answer.headers.get('content-type') ?? '')) return answer
    const text = await answer.clone().text()
    if (!text.includes('"queryPlan"')) return answer
    const { extensions, ...body } = JSON.parse(text)
    const { queryPlan, ...others } = extensions ?? {}
    if (typeof queryPlan !== 'object' || queryPlan === null) return answer
    show(queryPlan)
    const shown = Object.keys(others).length > 0 ? { ...body, extensions: others } : body
    const { status, statusText, headers } = answer
    return new Response(JSON.stringify(shown), { status, statusText, headers })
  }

  const ask = window.fetch
  window.fetch = async (...request) => withoutPlan(await ask(...request))
})()
