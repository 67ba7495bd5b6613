"""Words that mean nearly the same in customer service, in English and Chinese.

One line a concept: words of one meaning separated by spaces, phrases with underscores. A word may stand in several lines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from ..memory.words import is_cjk, stem, words
from .everyday import EVERYDAY

_LINES: Final = """
ship shipping delivery deliver dispatch send post mail courier shipment freight 配送 送货 运送 发货 快递 邮寄 寄 运输 物流 送到 送
arrive arrival show_up turn_up reach come get_here receive land 到货 收到 到达 送达 到
parcel package packet box delivery shipment order consignment 包裹 快件
return send_back bring_back give_back take_back hand_back 退货 退回 退换 退 归还
refund money_back reimburse reimbursement repay get_my_money 退款 退钱
exchange swap trade replace replacement switch different_size 换货 更换 调换 换
price cost charge fee rate expensive pay set_me_back 价格 多少钱 费用 价钱 收费 运费 票价
free complimentary no_charge gratis costless without_paying 免费 免运费 包邮
discount sale deal offer promotion voucher coupon promo reduction cheaper reduced concession 折扣 优惠 打折 促销 优惠券
gift_card voucher gift_certificate gift 礼品卡 礼物 礼品
pay payment method card cash paypal checkout 付款 支付 付费 结账 付
credit_card debit_card visa mastercard amex card 信用卡 银行卡 刷卡
installment instalment financing finance monthly_payments spread credit klarna pay_later pay_over_time 分期 分期付款
invoice receipt bill proof_of_purchase 发票 收据 账单 小票
warranty guarantee cover coverage 保修 质保 保证
defect defective faulty fault broken break damage damaged malfunction not_working dead 损坏 坏 故障 破损 瑕疵 有问题
repair fix mend service servicing maintenance overhaul workshop tune-up tune_up 维修 修理 保养 修 检修
maintain maintenance care look_after clean cleaning wash oil 保养 清洁 维护 清洗
order purchase buy bought 订单 购买 下单 买
cancel cancellation call_off withdraw revoke 取消 撤销
change modify alter amend edit update correct adjust 修改 更改 变更 改
track tracking trace follow whereabouts 跟踪 追踪 查询 物流
lost missing never_arrived vanish disappear gone misplace 丢失 丢 遗失 不见
late delay delayed overdue behind_schedule 延误 迟 晚 延迟 逾期
open opening hours close closing shut business_hours what_time 营业 开门 关门 营业时间 几点 开放
holiday bank_holiday public_holiday christmas easter sunday weekend saturday 节假日 周末 周日 星期天 假期 周六
location your_address located find_you where_are_you where_is_the_shop where_is_your_shop street road avenue
location directions branch situated 地址 位置 在哪 哪里 地点
park parking car_park garage 停车 停车场
contact phone telephone call reach_you get_in_touch email e-mail write hotline ring number speak talk 联系 电话 邮箱 客服 打电话
human person agent representative staff someone employee colleague adviser advisor operator 人工 真人 工作人员 员工 客服
store shop showroom outlet premises 商店 门店 店铺 店 实体店
pick_up pickup collect collection click_and_collect fetch 自提 取货 领取 取
stock available availability in_stock sold_out back_in_stock out_of_stock 库存 有货 缺货 现货
product item article goods merchandise range assortment 产品 商品 货品
size sizing fit dimension measure measurement big large small length height tall width 尺寸 尺码 大小 尺码表 号码 身高
weight heavy weigh kilo kg load carry payload light limit 重量 多重 承重 重
colour color shade paint 颜色 色
material fabric made_of leather cotton metal 材料 材质 面料
battery charge charging range accu recharge rechargeable power 电池 充电 续航
range distance far mileage how_far 续航 多远 距离 里程
fast speed quick quickly soon velocity 速度 快 多快
rent hire lease rental rented 租 租赁 出租 租车
test try try_out trial test_ride test_drive demo sample 试骑 试用 试 体验
assemble assembly install installation set_up setup build mount put_together fitting fit 安装 组装 装
account login log_in sign_in password sign_up register registration profile username 账户 账号 登录 密码 注册
subscribe subscription newsletter mailing_list unsubscribe 订阅
membership member club loyalty points reward join 会员 积分 俱乐部
privacy data personal_information gdpr 隐私 个人信息 数据
insurance insure insured theft_cover 保险
theft steal stolen 被盗 偷 盗
helmet 头盔
bike bicycle cycle ebike e-bike 自行车 单车 电动车 车
child kid children kids toddler baby youngster son daughter 儿童 孩子 小孩 童
student pupil 学生
senior pensioner elderly retired old_people 老人 老年人 长者
used second_hand secondhand pre-owned refurbished preowned 二手 翻新
sell resale trade_in part_exchange trade-in 出售 卖
recycle dispose disposal recycling old_battery throw_away 回收 处理
international abroad overseas foreign worldwide other_countries outside_the_country countries country 国际 海外 国外 国家
customs duty duties import tax taxes vat 关税 税 税费
tax vat 增值税 税
express overnight rush next_day next-day urgent fast priority 加急 特快 次日 快
wrap gift_wrap wrapping wrapped 包装 礼品包装
address addresses 地址
complaint complain unhappy dissatisfied feedback 投诉 不满 意见
review rating testimonial opinion 评价 评论
job career vacancy hiring work_for_you apply employment 招聘 工作 职位
company business firm founded owner about_you started 公司 成立 老板
sustainable environment green eco carbon climate 环保 可持续
language speak languages 语言
wheelchair accessible accessibility disabled disability ramp step-free 轮椅 无障碍 残疾
dog pet animal pets dogs 狗 宠物
wifi internet wi-fi wireless 无线网 网络
toilet restroom bathroom wc lavatory 洗手间 厕所 卫生间
food eat meal breakfast lunch dinner restaurant snack drink coffee cafe 食物 餐 早餐 咖啡
book reserve reservation booking appointment schedule slot arrange 预约 预订 预定
class course lesson workshop training learn teach 课程 课 培训
group team company_order bulk wholesale large_order many_people 批发 团购 大宗 团体
minimum at_least smallest lowest 最低 最少
maximum at_most limit highest most 最多 最高 上限
deadline within how_many_days period window limit 期限 几天内 多少天
need require requirement necessary must have_to 需要 必须
allow allowed permit may permitted 允许 可以
light lamp lighting bulb lights 灯
lock padlock 锁
tyre tire tube puncture flat 轮胎 胎 爆胎
brake braking 刹车 制动
waterproof water_resistant rain wet rainproof splash 防水 雨
winter cold snow ice freezing 冬天 冬季 低温
safe safety secure security 安全
manual instruction guide documentation 说明书 手册
part spare component accessory accessories parts spares 配件 零件
guest visitor friend bring_someone 客人 访客
print copy photocopy scan 打印 复印
borrow loan lend check_out take_out 借
extend renew renewal prolong longer 续 延长
donate donation give charity 捐 捐赠
tip tips gratuity 小费
smoke smoking cigarette vape 吸烟 抽烟
luggage bag suitcase baggage 行李
key card_key keycard 钥匙 房卡
room bedroom suite hall 房间
computer laptop pc desktop machine 电脑
noise quiet loud silence silent noisy 噪音 安静
lunch noon midday
event party birthday celebration celebrate 活动 聚会 生日
early before sooner earlier in_advance advance ahead 提前
limit restriction rule policy conditions 规定 政策 条件
fine penalty late_fee overdue 罚款
phone mobile cellphone cell smartphone handset telephone device 手机
watch smartwatch wearable 手表
email e-mail mail mailbox 邮件
mailbox voicemail answering_machine voice_mail 语音信箱
text message texting sms texts 短信
fraud scam phishing suspicious fake spam 诈骗 可疑
internet broadband connection line wifi network online web 宽带 网
hotspot tethering tether
coverage reception signal network bars 信号
outage disruption interruption network_down down offline fail failure dead not_working 中断
speed megabit megabits gigabit fast mbit
data gigabyte gigabytes volume megabyte gb mb usage 流量
plan tariff contract package bundle subscription rate 套餐
contract agreement commitment bound obligation 合同
term period duration minimum_term month months run 期限
cancel cancellation terminate end close quit stop leave unsubscribe notice 终止
pause suspend on_hold hold interrupt freeze 暂停
transfer hand_over take_over pass_on reassign move pass 转让
move relocate relocating relocation moving new_address new_home change_address 搬家
death died passed_away deceased dead die 去世
trial test try try_out sample free_trial commit
upgrade larger bigger switch downgrade smaller change
additional extra further more another second add add_on top_up 额外
load top_up recharge charge_up credit 充值
expire expiry expiration valid validity last lose run_out 有效期 过期
leftover unused remaining carry_over roll_over left don't_use
share pass split give sharing
forward redirect divert forwarding
block bar ban stop blacklist unwanted nuisance disable protect 屏蔽
switch_off turn_off disable deactivate switched_off turned_off off 关闭
switch_on turn_on enable activate activation switched_on turned_on set_up start 开通 激活 开启
hide suppress anonymous anonymously withhold caller_id 隐藏
select choose pick choice wish options 选择
own bring_my existing already_have
limit cap maximum ceiling at_most
abroad foreign international travel travelling roaming overseas vacation 漫游 出国
television tv channel channels program show shows watch 电视
record recording recordings 录
fixed static permanent
router modem box equipment 路由器
cable plug socket connect wire
cable plug_in connect hook_up attach
improve better stronger boost strengthen weak poor bad
red_light lamp light indicator blink
fiber fibre optic
technician engineer installer
bill invoice statement billing 账单
debit direct_debit withdrawn taken withdraw collected 扣款
bank_account iban bank_details account_details bank 银行账户
dispute contest disagree object error wrong mistake 争议
high higher expensive more_than much_more too_much
part parts installment instalment instalments monthly_payments monthly split spread
reminder dunning overdue late on_time
paper printed print post letter 纸质
old previous past last_year earlier history download
company firm business corporate corporation 企业
tax_number vat_number vat
sign_in log_in login signin log_on access
password passcode pin code 密码
forgot forgotten remember lost reset recover can't_remember don't_remember 忘记
marriage married wedding surname last_name maiden_name 结婚
delete erase remove erased wipe deleted 删除
personal_information personal_data data privacy details stored
store_data keep save retain hold
hotline customer_service support helpdesk help_desk service_center customer_support
store shop branch outlet
appointment book reservation walk_in reserve booking
deaf sign_language hearing hard_of_hearing
satisfied complain complaint unhappy angry dissatisfied
children kid kids child parental minor parents
protection control limit restrict parental_control safe filter protect
stolen stole theft thief robbed steal
recycle dispose old_devices scrap throw_away
recommend refer referral bring_a_friend bonus friend reward invite
job career hiring work_for vacancy employ employment position recruit
green renewable climate energy solar wind environment eco sustainable
laptop computer notebook tablet pc
money cash pay_me compensation
compensation refund reimbursement money_back
save discount cheaper reduction reduced less
household family relatives
student study university college pupil
country state states nation
ship boat cruise ferry vessel
plane airplane aircraft flight fly flying
train rail railway
hotel accommodation lodging stay
room bedroom suite double_room
check_in arrival arrive checkin
check_out departure leave depart checkout late_checkout
towel linen sheets bedding pillow blanket
breakfast morning_meal buffet brunch
pool swim swimming sauna spa
gym fitness exercise workout
shuttle airport_transfer pick_up taxi transport
doctor physician gp clinician
appointment visit consultation
prescription medicine medication drug pills
fever ill sick unwell illness
hospital clinic surgery practice
loan mortgage borrow lend
account current_account savings deposit
transfer wire remit send_money bank_transfer
interest rate apr
card debit_card bank_card
ticket entry admission entrance pass fare
seat place chair
show performance concert play event
cancelled cancellation called_off
borrow loan lend take_home check_out
book novel title volume
library card reader_card membership_card
fine penalty overdue_fee late_fee
reserve hold request place_a_hold
course class lesson lecture module
teacher instructor tutor trainer
exam test assessment
enroll register sign_up enrol join apply admission
certificate diploma proof
app application software program
update upgrade new_version
bug error crash crashes problem issue fault
backup back_up restore recover
export download save_as
user seat licence license
photo picture image photograph
size big large dimensions small
sick ill allergic allergy
allergy gluten lactose nut allergic intolerance
vegetarian vegan meat-free plant-based
table reservation book_a_table
menu dish dishes meals food
drink beverage wine beer coffee
clean wash laundry dry_cleaning
dirty stain spot
borrow umbrella lend
loud noise noisy quiet
parking park garage car_park
key keycard key_card lock
lost left_behind forgot forgotten_item lost_property
visitor guest bring_someone accompany companion
child_friendly cot crib high_chair baby
smoking smoke smoker cigarette
elevator lift
luggage baggage suitcase bags store_luggage
earliest latest time
monthly per_month each_month every_month
yearly annual per_year annually
daily per_day each_day
installment instalment installments instalments monthly_payments pay_monthly financing finance
surcharge extra_cost extra charge additional_cost roaming_charges
eu european_union europe european
sms text texts text_message text_messages message
login log_in sign_in signin sign_on access_account
port porting take_my_number keep_my_number transfer_number number_portability move_number
caller callers calling call calls ring dial
conference several_people group_call
cellar basement indoors
reception coverage signal bars network
village town city street place address area region where_i_live my_place
used_up run_out finished out_of empty exhausted spent
consume usage use
use_up left remaining
help support assistance assist
wireless wifi wi-fi wlan
weak bad poor slow
afford money budget
split parts part divide installments
remember forget forgot forgotten
near_me nearby nearest close_to_me where
supervision control protection
hotline customer_service
debit take withdraw charge collect
firm company business
second_hand used old pre-owned pre_owned
mobile phone handset smartphone cell
electronic digital esim e-sim
existing own current
downgrade downgrading smaller lower cheaper
upgrade upgrading bigger larger higher
recharge top_up load reload
fix repair mend broken fault
guarantee warranty
technician installation installer install
how_fast speed
down outage offline disruption
father brother mother relative person someone someone_else another_person somebody_else else
retire pensioner retired senior old 65
climate green environment carbon
wrong mistake error false incorrect
""".strip().splitlines()

_ALL: Final = [*_LINES, *EVERYDAY]

_IRREGULAR: Final = """
    arrive arrived; bring brought; break broke broken; buy bought; choose chose chosen; come came; die died; drive
    drove driven; eat ate eaten; fall fell fallen; feel felt; find found; fly flew flown; forget forgot forgotten;
    freeze froze frozen; give gave given; go went gone; grow grew grown; hold held; keep kept; know knew known; lend
    lent; lose lost; make made; pay paid; ride rode ridden; run ran; see saw seen; sell sold; send sent; speak spoke
    spoken; spend spent; steal stole stolen; swim swam; take took taken; tear tore torn; tell told; think thought;
    wear wore worn; write wrote written
"""
_BASE: Final = {form: base for base, *forms in map(str.split, _IRREGULAR.split(";")) for form in forms}
"""Irregular forms, which no stemmer undoes."""


def base(word: str) -> str:
    """The stem of a lower-case word, irregular forms included."""
    return stem(_BASE.get(word, word))


def members(sense: int) -> list[str]:
    """The single words of a concept."""
    return [word for word in _ALL[sense].split() if "_" not in word]


def _tables() -> tuple[dict[str, frozenset[int]], dict[str, list[tuple[str, ...]]]]:
    senses: defaultdict[str, set[int]] = defaultdict(set)
    phrases: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
    for number, line in enumerate(_ALL):
        for word in line.split():
            parts = tuple(base(part) for part in words(word.replace("_", " ")))
            if len(parts) > 1:
                phrases[parts[0]].add(parts)
            senses[word if is_cjk(word) else "_".join(parts) if len(parts) > 1 else parts[0]].add(number)
    return (
        {word: frozenset(numbers) for word, numbers in senses.items()},
        {first: sorted(found, key=len, reverse=True) for first, found in phrases.items()},
    )


_FOUND = _tables()
SENSES: Final[Mapping[str, frozenset[int]]] = _FOUND[0]
"""Stem, phrase (stems joined by "_") or Chinese word -> numbers of its concepts."""
PHRASES: Final[Mapping[str, list[tuple[str, ...]]]] = _FOUND[1]
"""First stem of an English phrase -> the phrases that begin with it, longest first."""
CHINESE: Final = sorted((word for word in SENSES if is_cjk(word)), key=len, reverse=True)
"""Chinese words of the table, longest first."""
