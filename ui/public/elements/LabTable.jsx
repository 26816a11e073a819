import { Check, CircleHelp, Loader2, RotateCcw, Trash2, ZoomIn, ZoomOut } from "lucide-react"
import { Fragment, useEffect, useRef, useState } from "react"

const percent = (share) => (100 * share).toFixed(3) + "%"

// The cut-out of a value from the page's picture, `tall` pixels high.
function Snippet({ page, box }) {
  const [x0, y0, x1, y1] = box
  const high = (y1 - y0) * page.height
  const scale = Math.min(2.5, 22 / high)
  const left = Math.max(0, x0 * page.width - 1.2 * high), right = Math.min(page.width, x1 * page.width + 1.2 * high)
  const top = Math.max(0, y0 * page.height - 0.3 * high)
  return (
    <span className="marrow-snippet" aria-hidden="true" style={{
      width: (right - left) * scale, height: 1.6 * high * scale, backgroundImage: "url(" + page.src + ")",
      backgroundSize: page.width * scale + "px " + page.height * scale + "px",
      backgroundPosition: -left * scale + "px " + -top * scale + "px",
    }} />
  )
}

// One page with a frame around each value; the active one is filled.
function PagePicture({ page, rows, active, zoomed, onPoint, onChoose }) {
  return (
    <div className="marrow-sheet" style={{ width: zoomed ? "190%" : "100%" }}>
      <img src={page.src} width={page.width} height={page.height} alt={"Page " + page.number + " of the report, without the person's data"} />
      {rows.filter((row) => row.box && row.page === page.number).map((row) => {
        const [x0, y0, x1, y1] = row.box
        return (
          <div key={row.id} className="marrow-frame" data-row={row.id} data-active={active === row.id} data-review={row.review && !row.checked}
            aria-hidden="true" onMouseEnter={() => onPoint(row.id)} onMouseLeave={() => onPoint(null)} onClick={() => onChoose(row.id)}
            style={{ left: percent(x0 - 0.004), top: percent(y0 - 0.003), width: percent(x1 - x0 + 0.008), height: percent(y1 - y0 + 0.006) }} />
        )
      })}
    </div>
  )
}

function ValueRow({ row, page, active, fault, onEdit, onPoint, onFocusRow }) {
  const unsure = row.review && !row.checked
  const why = "why-" + props.report + "-" + row.id
  const pointing = {
    onMouseEnter: () => onPoint(row.id), onMouseLeave: () => onPoint(null),
    onFocus: () => onFocusRow(row.id), onBlur: () => onFocusRow(null),
  }
  return (
    <Fragment>
      <tr role="row" className="marrow-value" data-active={active} data-review={unsure} data-row={row.id} {...pointing}>
        <th role="rowheader" scope="row">
          {row.name}
          {row.used && !row.edited ? <span className="marrow-soft">= {row.used}</span> : null}
        </th>
        <td role="cell" className="marrow-number-cell">
          <input value={row.value} inputMode="decimal" aria-label={"Value of " + row.name} aria-invalid={Boolean(fault)}
            aria-describedby={unsure || fault ? why : undefined}
            onChange={(event) => onEdit(row.id, { value: event.target.value, edited: true, checked: true })} />
        </td>
        <td role="cell" className="marrow-unit-cell">
          <input value={row.unit} aria-label={"Unit of " + row.name} autoCapitalize="off" spellCheck="false"
            onChange={(event) => onEdit(row.id, { unit: event.target.value, edited: true, checked: true })} />
        </td>
        <td role="cell" className="marrow-range"><span className="marrow-hidden">Range </span>{row.range || "–"}</td>
        <td role="cell" className="marrow-flag-cell">
          {row.edited ? <span className="marrow-flag" data-level="none">✎ changed</span> : (
            <span className="marrow-flag" data-level={row.level}><span aria-hidden="true">{row.sign}</span> {row.flag}</span>
          )}
        </td>
        <td role="cell" className="marrow-tools">
          <button type="button" title={"Remove " + row.name} aria-label={"Remove " + row.name} onClick={() => onEdit(row.id, { removed: true })}>
            <Trash2 aria-hidden="true" />
          </button>
        </td>
      </tr>
      {unsure || fault ? (
        <tr role="row" className="marrow-why" data-active={active} {...pointing}>
          <td role="cell" colSpan={6} id={why}>
            {fault ? <p className="marrow-fault">{fault}</p> : (
              <div>
                {page && row.box ? <Snippet page={page} box={row.box} /> : null}
                <p><CircleHelp aria-hidden="true" /><span><strong>Please check.</strong> {row.doubts.join(" ")}</span></p>
                <button type="button" onClick={() => onEdit(row.id, { checked: true })} aria-label={row.name + " is right as it stands"}>
                  <Check aria-hidden="true" /> It is right
                </button>
              </div>
            )}
          </td>
        </tr>
      ) : null}
    </Fragment>
  )
}

// props: report, pages: [{number, src, width, height}], rows: [{id, name, value, unit, used, range, sign, flag, level,
// review, doubts, page, box}], unread: [{text, reason, page}], notes, overview, prompt, collected, sex, age, audience
export default function LabTable() {
  const [rows, setRows] = useState(props.rows)
  const [person, setPerson] = useState({ sex: props.sex, age: props.age, audience: props.audience })
  const [pointed, setPointed] = useState(null)
  const [focused, setFocused] = useState(null)
  const [zoomed, setZoomed] = useState(window.innerWidth < 640)
  const [faults, setFaults] = useState({})
  const [state, setState] = useState({ busy: false, text: props.overview, alarm: false })
  const pane = useRef(null)
  const root = useRef(null)
  const active = pointed ?? focused

  const shown = rows.filter((row) => !row.removed)
  const removed = rows.length - shown.length
  const open = shown.filter((row) => row.review && !row.checked).length

  // The page scrolls to the value of the active row; never the conversation around it.
  useEffect(() => {
    const frame = active === null || !pane.current ? null : pane.current.querySelector('[data-row="' + active + '"]')
    if (!frame) return
    const box = frame.getBoundingClientRect(), view = pane.current.getBoundingClientRect()
    if (box.top < view.top || box.bottom > view.bottom) pane.current.scrollTop += box.top - view.top - view.height / 2
    if (box.left < view.left || box.right > view.right) pane.current.scrollLeft += box.left - view.left - view.width / 2
  }, [active, zoomed])

  const edit = (id, change) => {
    setRows(rows.map((row) => (row.id === id ? { ...row, ...change } : row)))
    setFaults({ ...faults, [id]: undefined })
  }
  const choose = (id) => {
    const input = root.current.querySelector('tr[data-row="' + id + '"] input')
    if (input) input.focus()
  }

  const confirm = async () => {
    setState({ busy: true, text: "Explaining the values …", alarm: false })
    const before = document.querySelectorAll(".ai-message").length
    const payload = {
      report: props.report, sex: person.sex || null, age: person.age === "" ? null : Number(person.age), audience: person.audience,
      rows: rows.map((row) => ({ id: row.id, value: row.value, unit: row.unit, checked: Boolean(row.checked), removed: Boolean(row.removed) })),
    }
    try {
      const answer = await callAction({ name: "labs_confirm", payload })
      const result = answer && answer.response
      if (!result) setState({ busy: false, text: "Something went wrong. Try again.", alarm: true })
      else if (!result.ok) {
        setFaults(result.faults || {})
        setState({ busy: false, text: result.error + " " + result.hint, alarm: true })
        const first = Object.keys(result.faults || {})[0]
        if (first !== undefined) choose(first)
      } else {
        setFaults({})
        const kept = new Map(result.rows.map((row) => [row.id, row]))
        setRows(rows.map((row) => (kept.has(row.id) ? { ...row, ...kept.get(row.id), edited: false, checked: false } : { ...row, removed: true })))
        setState({ busy: false, text: "Explained below. You can change a value and confirm again.", alarm: false })
        setTimeout(() => document.querySelectorAll(".ai-message")[before]?.scrollIntoView({ block: "start" }), 300)
      }
    } catch (error) {
      setState({ busy: false, text: "Marrow could not be reached. Try again.", alarm: true })
    }
  }

  return (
    <section className="marrow-labs" aria-label={"Lab report" + (props.collected ? " of " + props.collected : "")} ref={root}>
      <div className="marrow-labs-page">
        <div className="marrow-labs-bar">
          <span>{props.collected ? "Sample of " + props.collected : "No date found"}</span>
          <button type="button" aria-pressed={zoomed} onClick={() => setZoomed(!zoomed)}>
            {zoomed ? <ZoomOut aria-hidden="true" /> : <ZoomIn aria-hidden="true" />} {zoomed ? "Smaller" : "Larger"}
          </button>
        </div>
        <div className="marrow-pane" ref={pane} tabIndex={0} role="group" aria-label="The pages of the report">
          {props.pages.map((page) => (
            <PagePicture key={page.number + page.src} page={page} rows={shown} active={active} zoomed={zoomed} onPoint={setPointed} onChoose={choose} />
          ))}
        </div>
      </div>
      <div className="marrow-labs-values">
        <p className="marrow-soft">{props.prompt}</p>
        <table role="table" aria-label="Values of the report, to be corrected">
          <thead role="rowgroup">
            <tr role="row">
              {["Test", "Value", "Unit", "Range", "Flag"].map((name) => <th key={name} role="columnheader" scope="col">{name}</th>)}
              <th role="columnheader" scope="col"><span className="marrow-hidden">Remove</span></th>
            </tr>
          </thead>
          <tbody role="rowgroup">
            {shown.map((row) => (
              <ValueRow key={row.id} row={row} page={props.pages.find((page) => page.number === row.page)} active={active === row.id}
                fault={faults[row.id]} onEdit={edit} onPoint={setPointed} onFocusRow={setFocused} />
            ))}
          </tbody>
        </table>
        {removed ? (
          <button type="button" className="marrow-link" onClick={() => setRows(rows.map((row) => ({ ...row, removed: false })))}>
            <RotateCcw aria-hidden="true" /> Bring back {removed} removed
          </button>
        ) : null}
        {props.unread.length ? (
          <details className="marrow-unread" open>
            <summary>Could not be read: {props.unread.length} {props.unread.length === 1 ? "line" : "lines"}. Look at the page yourself.</summary>
            <ul>{props.unread.map((line, number) => <li key={number}><q>{line.text}</q> {line.reason}{props.pages.length > 1 ? " (page " + line.page + ")" : ""}</li>)}</ul>
          </details>
        ) : null}
        {props.notes.map((note) => <p key={note} className="marrow-soft">{note}</p>)}
        <div className="marrow-person">
          <label>Sex
            <select value={person.sex} onChange={(event) => setPerson({ ...person, sex: event.target.value })}>
              <option value="">not known</option><option value="F">female</option><option value="M">male</option>
            </select>
          </label>
          <label>Age in years
            <input type="number" min="0" max="120" step="any" value={person.age} onChange={(event) => setPerson({ ...person, age: event.target.value })} />
          </label>
          <label>Explain to
            <select value={person.audience} onChange={(event) => setPerson({ ...person, audience: event.target.value })}>
              <option value="patient">a patient</option><option value="clinician">a clinician</option>
            </select>
          </label>
        </div>
        <div className="marrow-labs-end">
          <p role={state.alarm ? "alert" : "status"} className={state.alarm ? "marrow-fault" : "marrow-soft"}>
            {state.text}{open && !state.alarm && !state.busy ? " Values not checked stay marked as unsure." : ""}
          </p>
          <button type="button" className="marrow-confirm" disabled={state.busy} onClick={confirm}>
            {state.busy ? <Loader2 className="marrow-spin" aria-hidden="true" /> : <Check aria-hidden="true" />} Confirm and explain
          </button>
        </div>
      </div>
    </section>
  )
}
