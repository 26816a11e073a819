import { useEffect, useRef } from "react"

const outside = { target: "_blank", rel: "noreferrer noopener" }

// Not scrollIntoView: while the panel slides in, that pushes the whole chat sideways.
function scrollTo(mark) {
  const panel = mark.closest("#side-view-content")
  const scroller = [panel, panel?.parentElement].find((e) => e && /auto|scroll/.test(getComputedStyle(e).overflowY))
  if (!scroller) return
  const hidden = mark.getBoundingClientRect().bottom - scroller.getBoundingClientRect().bottom
  if (hidden > 0) scroller.scrollTop += hidden + 24
}

// props: the fields of ui/chat_text.py SourcePanel
export default function SourcePanel() {
  const quoted = useRef(null)
  useEffect(() => {
    if (quoted.current) scrollTo(quoted.current)
  }, [])

  return (
    <article className="marrow-panel">
      {props.retracted ? (
        <p className="marrow-withdrawn" role="alert">
          <strong>Retracted.</strong> The publisher withdrew this paper. Do not rely on it.
        </p>
      ) : null}
      <header>
        <h3>{props.title}</h3>
        {props.authors ? <p className="marrow-soft">{props.authors}</p> : null}
        {props.details ? <p className="marrow-soft">{props.details}</p> : null}
        <p className="marrow-soft">Evidence: {props.evidence}</p>
      </header>
      <section>
        <h4>{props.section || "Passage"}</h4>
        <blockquote className="marrow-passage">
          {props.before}
          {props.quoted ? <mark ref={quoted}>{props.quoted}</mark> : null}
          {props.after}
        </blockquote>
      </section>
      <nav className="marrow-links" aria-label="Open this source">
        {props.pdf_href ? <a href={props.pdf_href} target="_blank">{props.pdf_label}</a> : null}
        <a href={props.page_href} target="_blank">Open source</a>
        {props.web_href ? <a href={props.web_href} {...outside}>Original on the web</a> : null}
      </nav>
      {props.sources.length ? (
        <section>
          <h4>{props.sources_heading}</h4>
          <ul>
            {props.sources.map((source) => (
              <li key={source.text}>
                {source.url ? <a href={source.url} {...outside}>{source.text}</a> : source.text}
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      {props.image_href ? (
        <a href={props.pdf_href} target="_blank">
          <img className="marrow-page" src={props.image_href} alt="The page with the passage highlighted" />
        </a>
      ) : null}
      {props.licence ? <p className="marrow-soft">Licence: {props.licence}</p> : null}
    </article>
  )
}
