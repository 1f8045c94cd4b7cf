-- One row per raw row of marketo.activity_fill_out_form, set aside or not.
{{ landed_rows() }}
