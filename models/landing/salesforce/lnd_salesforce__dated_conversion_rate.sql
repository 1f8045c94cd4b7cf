-- One row per raw row of salesforce.dated_conversion_rate, set aside or not.
{{ landed_rows() }}
