-- A row means that the sources' shares of net-new pipeline do not sum to 1.
select sum(share) as total_share
from {{ ref('source_concentration') }}
having abs(sum(share) - 1) > 0.000000001
