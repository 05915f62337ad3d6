import { GraphQLError } from 'graphql'
import type { GraphQLParams } from 'graphql-yoga'

const notJson = (name: string) =>
  new GraphQLError(`The parameter "${name}" is no JSON.`, {
    extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
  })

function jsonIn(params: URLSearchParams, name: string): unknown {
  const text = params.get(name)
  if (!text) return undefined
  try {
    return JSON.parse(text)
  } catch (failure) {
    if (failure instanceof SyntaxError) throw notJson(name)
    throw failure
  }
}

/** What a GET asks (GraphQL over HTTP, GET; appendix on persisted documents). @throws BAD_REQUEST */
export function paramsOfUrl(url: string): GraphQLParams {
  const { searchParams } = new URL(url, 'http://localhost')
  const text = (name: string) => searchParams.get(name) || undefined
  const asked = {
    query: text('query'),
    documentId: text('documentId'),
    operationName: text('operationName'),
    variables: jsonIn(searchParams, 'variables'),
    extensions: jsonIn(searchParams, 'extensions'),
  }
  // Yoga's type says what its check makes sure of, which comes after this.
  return asked as GraphQLParams
}
