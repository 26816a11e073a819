import { useState } from "react"

// props: heading, note, items: [{n, passage_id, start, end, href, title, details, rests_on, retracted}]
export default function SourceList() {
  const [open, setOpen] = useState(null)

  const show = (item) => {
    setOpen(item.href)
    callAction({
      name: "open_source",
      payload: { n: item.n, passage_id: item.passage_id, start: item.start, end: item.end },
    })
  }

  return (
    <nav className="marrow-sources" aria-label={props.heading}>
      <h4>{props.heading}</h4>
      <ol>
        {props.items.map((item) => (
          <li key={item.n}>
            <button type="button" data-source={item.href} aria-current={open === item.href}
              aria-label={"Open source " + item.n + ": " + item.title} onClick={() => show(item)}>
              <span className="marrow-number">[{item.n}]</span>
              <span>
                <span className="marrow-title">
                  {item.retracted ? <span className="marrow-retracted">Retracted</span> : null}
                  {item.title}
                </span>
                {item.details ? <span className="marrow-details">{item.details}</span> : null}
                {item.rests_on ? <span className="marrow-details">Rests on: {item.rests_on}</span> : null}
              </span>
            </button>
          </li>
        ))}
      </ol>
      <p className="marrow-note">{props.note}</p>
    </nav>
  )
}
