-- One row per raw row of marketo.program_membership, set aside or not.
{{ landed_rows() }}
