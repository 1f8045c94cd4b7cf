-- A row is a model and campaign of which campaign_returns tells other money than
-- attributed_pipeline does over its quarters and channels.
with

attributed as (
    select
        model,
        coalesce(campaign_id, 'none') as campaign_id,
        sum(open_amount) as open_amount,
        sum(won_amount) as won_amount,
        sum(lost_amount) as lost_amount
    from {{ ref('attributed_pipeline') }}
    group by model, coalesce(campaign_id, 'none')
)

select
    attributed.*,
    campaign_returns.model as returned_model,
    campaign_returns.campaign_id as returned_campaign_id
from attributed
full outer join {{ ref('campaign_returns') }} as campaign_returns
    on
        attributed.model = campaign_returns.model
        and attributed.campaign_id = campaign_returns.campaign_id
where
    attributed.open_amount is distinct from campaign_returns.open_amount
    or attributed.won_amount is distinct from campaign_returns.won_amount
    or attributed.lost_amount is distinct from campaign_returns.lost_amount
