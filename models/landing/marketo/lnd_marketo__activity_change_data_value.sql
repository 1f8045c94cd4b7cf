-- One row per raw row of marketo.activity_change_data_value, set aside or not.
{{ landed_rows() }}
