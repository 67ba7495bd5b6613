"""English words that say little about what a question is about."""

from __future__ import annotations

from typing import Final

WEAK: Final = """
    ca wo during may per since until upon via
    able about actually advise ahead already always another anybody anyone anything ask asking available back best
    better bit boyfriend bring brother case chance check come coming correct currently dad day days deal dear
    different do either else ever every everything exactly explain family father find fine first friend girlfriend
    give go going gone good great guy guys happen happens happy hear help hope husband idea info information instead
    interested issue keep kind know last later least leave left long look looking lot make making many mean mind
    moment month more most mother much mum need new next nice now number offer old once online option options order
    part people person place plan policy possible problem product provide put question quick rather really recently
    remember right rule run same say see sell send shop show sister site soon sorry sort special specific start
    still store stuff suppose sure take taking thing things think thinking time today tomorrow tonight trouble try
    turn two type unfortunately use used using usually via wait want wanted way website week weeks wife wonder
    wondering work works worried would year years yesterday yet
"""
"""Words that mostly carry the sentence, parted by space."""

COMMON: Final = """
    accept access achieve act activate add afford agree allow amount answer anyhow anymore anyway appear apply
    appreciate approve area arrange arrive assist attach attempt avoid away bad base basic become beforehand begin
    behave believe belong below big bind bother bound brand-new briefly build bunch busy call capable care careful
    carefully carry catch cause certain change charge cheap cheaper choice choose clear close collect combine
    comfortable commit common compare complete completely concern concerned configure confirm confuse consider
    consume contain contest continue convenient cost couple cover create current customer daily damage dare date
    decide deliver demand depend describe desire detail determine develop device difference difficult direct
    directly disagree discover discuss dispose double doubt drop during early easily easy effect effort empty enable
    enjoy enough enter entire equal error especially even eventually example excellent except excuse exist expect
    expected expensive experience extra fact fail fair fall familiar far feature feel few figure fill final finally
    finish finished fit fix fixed follow force forever form forward free frequently full fully function further
    general generally gift grow guess half hand handle hard hate heavy high hold hour huge immediate immediately
    important improve include increase individual install instantly intend involve item join large late lead learn
    less let level likely limit little local lose lost low main maintain major manage manner matter maximum maybe
    meantime measure meet member mention method middle minimum minute miss missing mistake monthly move must name
    near nearly necessary normal normally notice obtain occur often open operate original own owner partly pass past
    pay per perform perhaps period permanent permit personal pick plain please point poor position prefer prepare
    present press pretty prevent previous price probably proceed process produce proper properly protect pull
    purchase purpose push quality quite raise rate reach ready real reason receive recommend reduce refer refuse
    regard register regular relate release remain remove rent repair repeat replace reply report request require
    rest result return rise rough safe satisfied satisfy save search section seem select separate serious serve
    service set settle several share short similar simple simply single situation size skip slow small soft solution
    solve somehow someone something sometimes somewhere space speak spend stand standard state stay step stick stop
    straight strange strong stuck subject submit succeed success successful sudden suddenly suggest suit suitable
    supply support surprise switch system tend term test therefore though throw tiny together total touch toward
    transfer treat true trust typed unable understand unhappy unknown unwanted update upset usual value various
    visit walk warn waste watch weak weekend whole wide willing win wish within without word worry worth wrong
"""
"""Words that a question may well have and its answer not."""
