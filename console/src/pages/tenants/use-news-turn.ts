import { useState } from 'react'
import { useTenancyNews } from './tenancy-news.ts'

/** Counts up whenever something of a tenant changed; its parts read what they show anew then. */
export function useNewsTurn(tenantId: string, onChange: () => void): number {
  const [turn, setTurn] = useState(0)
  useTenancyNews([tenantId], () => {
    onChange()
    setTurn((before) => before + 1)
  })
  return turn
}
