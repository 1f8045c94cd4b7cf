-- One row per raw row of marketo.program, set aside or not.
{{ landed_rows() }}
