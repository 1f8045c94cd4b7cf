-- One row per raw row of marketo.program_cost, set aside or not.
{{ landed_rows() }}
