"""Words that mean nearly the same in customer service, in English and Chinese.

One line a concept: words of one meaning separated by spaces, phrases with underscores. A word may stand in several lines.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from ...memory.words import is_cjk, stem

_LINES: Final = """
ship shipping delivery deliver dispatch send post mail courier shipment freight 配送 送货 运送 发货 快递 邮寄 寄 运输 物流 送到 送
arrive arrival show_up turn_up reach come get_here receive land 到货 收到 到达 送达 到
parcel package packet box delivery shipment order consignment 包裹 快件
return send_back bring_back give_back take_back hand_back 退货 退回 退换 退 归还
refund money_back reimburse reimbursement repay get_my_money 退款 退钱
exchange swap trade replace replacement switch different_size 换货 更换 调换 换
price cost charge fee rate how_much expensive pay tariff set_me_back 价格 多少钱 费用 价钱 收费 运费 票价
free complimentary no_charge gratis costless without_paying 免费 免运费 包邮
discount sale deal offer promotion voucher coupon promo reduction cheaper reduced concession 折扣 优惠 打折 促销 优惠券
gift_card voucher gift_certificate gift 礼品卡 礼物 礼品
pay payment method card cash paypal checkout 付款 支付 付费 结账 付
credit_card debit_card visa mastercard amex card 信用卡 银行卡 刷卡
installment instalment financing finance monthly_payments spread credit klarna pay_later pay_over_time 分期 分期付款
invoice receipt bill proof_of_purchase 发票 收据 账单 小票
warranty guarantee cover coverage 保修 质保 保证
defect defective faulty fault broken break damage damaged malfunction not_working stop_working stopped_working doesn't_work problem crack cracked dead 损坏 坏 故障 破损 瑕疵 有问题
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
location address located find_you where_are_you situated branch directions 地址 位置 在哪 哪里 地点
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
print printer copy photocopy scan 打印 复印 
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
""".strip().splitlines()


def _tables() -> tuple[dict[str, frozenset[int]], dict[str, list[tuple[str, ...]]]]:
    senses: defaultdict[str, set[int]] = defaultdict(set)
    phrases: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
    for number, line in enumerate(_LINES):
        for word in line.split():
            parts = tuple(re.split("[_-]", word))
            if len(parts) > 1:
                phrases[parts[0]].add(parts)
            senses[word if is_cjk(word) else "_".join(parts) if len(parts) > 1 else stem(word)].add(number)
    return (
        {word: frozenset(numbers) for word, numbers in senses.items()},
        {first: sorted(found, key=len, reverse=True) for first, found in phrases.items()},
    )


_FOUND = _tables()
SENSES: Final[Mapping[str, frozenset[int]]] = _FOUND[0]
"""Stem, phrase (words joined by "_") or Chinese word -> numbers of its concepts."""
PHRASES: Final[Mapping[str, list[tuple[str, ...]]]] = _FOUND[1]
"""First word of an English phrase -> the phrases that begin with it, longest first."""
CHINESE: Final = sorted((word for word in SENSES if is_cjk(word)), key=len, reverse=True)
"""Chinese words of the table, longest first."""
