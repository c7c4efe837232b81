#include "node/identity/common_passwords.hpp"

#include <algorithm>
#include <array>

namespace kieng::identity {
namespace {

// Sorted by bytes, lower case, without spaces. Shorter ones are refused by their length, runs and repetitions by rule.
constexpr std::array<std::string_view, 262> kCommon{
    "!qaz2wsx#edc",   "0123456789",      "0123456789a",          "0987654321",
    "1029384756",     "1111122222",      "1122334455",           "112233445566",
    "1212121212",     "123123123123",    "1231231234",           "1234512345",
    "1234554321",     "123456654321",    "12345678901234567890", "1234567890a",
    "1234567891",     "12345678910",     "123456789a",           "123456789q",
    "123456qwerty",   "12345qwert",      "123qwe123qwe",         "1472583690",
    "147852369a",     "159357258456",    "1593574862",           "1q2w3e4r5t",
    "1q2w3e4r5t6y",   "1qaz2wsx3edc",    "1qaz@wsx3edc",         "1qazxsw23edc",
    "5555555555a",    "6543217890",      "7894561230",           "9876543210",
    "987654321a",     "a123456789",      "a1234567890",          "aa12345678",
    "aa123456789",    "abc1234567",      "abc123456789",         "abcd123456",
    "abcdef1234",     "admin12345",      "admin123456",          "admin@1234",
    "admin@12345",    "administrador",   "administrator",        "administrator1",
    "anhyeuem12",     "anhyeuem123",     "anhyeuem1234",         "anhyeuemnhieu",
    "arsenal123",     "asdf123456",      "asdfasdfasdf",         "asdfghjkl1",
    "asdfghjkl123",   "asdfghjkl;",      "asdfghjklqwertyuiop",  "autumn2024",
    "autumn2025",     "azerty1234",      "azerty12345",          "azerty123456",
    "azertyuiop",     "banhang123",      "banhang1234",          "barcelona1",
    "baseball12",     "baseball123",     "basketball",           "batman1234",
    "blink182182",    "cashier123",      "changeit123",          "changeme12",
    "changeme123",    "charlie123",      "chelsea123",           "computer12",
    "computer123",    "contrasena",      "contraseña",           "conyeume123",
    "corvette12",     "cuahang123",      "december2025",         "default123",
    "dragon1234",     "emyeuanh12",      "emyeuanh123",          "facebook123",
    "ferrari123",     "football12",      "football123",          "fortnite123",
    "freedom123",     "giadinh123",      "giadinhtoi",           "google1234",
    "guest12345",     "hanhphuc123",     "hanoi12345",           "hello12345",
    "helloworld",     "helloworld1",     "honda12345",           "ilovejesus1",
    "iloveu1234",     "iloveu12345",     "iloveyou12",           "iloveyou123",
    "iloveyou1234",   "iloveyouforever", "internet123",          "january2025",
    "jennifer12",     "jesuschrist",     "jordan2323",           "juventus123",
    "khongbiet123",   "khongcomatkhau",  "khongcopass",          "kieng12345",
    "kieng123456",    "kiengshop123",    "letmein123",           "letmein1234",
    "letmeinplease",  "liverpool1",      "liverpool123",         "loveyou123",
    "manager123",     "manager1234",     "manchester",           "manchesterunited",
    "master1234",     "matkhau123",      "matkhau1234",          "matkhau12345",
    "matkhau123456",  "matkhaumoi",      "mercedes123",          "michael123",
    "minecraft123",   "mnbvcxz123",      "monkey1234",           "monkey12345",
    "motdepasse",     "motdepasse1",     "mustang123",           "mylove1234",
    "myspace123",     "mysql12345",      "nguyenthi123",         "nguyenvan123",
    "nothing123",     "opensesame",      "openthedoor",          "oracle1234",
    "owner12345",     "p@ssw0rd12",      "p@ssw0rd123",          "p@ssword123",
    "passw0rd123",    "password00",      "password01",           "password1!",
    "password12",     "password123",     "password123!",         "password1234",
    "password12345",  "password99",      "passwordpassword",     "passwort123",
    "passwort1234",   "poiuytrewq",      "pokemon123",           "postgres123",
    "princess12",     "princess123",     "q1w2e3r4t5",           "q1w2e3r4t5y6",
    "qazwsx1234",     "qazwsxedc123",    "qazwsxedcrfv",         "qwe123qwe123",
    "qweasd123456",   "qweasdzxc123",    "qwerty1234",           "qwerty12345",
    "qwerty123456",   "qwertyazerty",    "qwertyqwerty",         "qwertyuiop",
    "qwertyuiop1",    "qwertyuiop123",   "qwertyuiop[]",         "qwertyuiopasdfghjkl",
    "realmadrid",     "ronaldo123",      "root123456",           "rootroot123",
    "saigon1234",     "samsung123",      "secret1234",           "secret12345",
    "server1234",     "shadow1234",      "shop123456",           "spring2024",
    "spring2025",     "spring2026",      "starwars123",          "summer2023",
    "summer2024",     "summer2025",      "summer2026",           "sunshine12",
    "sunshine123",    "superman12",      "superman123",          "temp123456",
    "test123456",     "test1234567",     "testing123",           "testing1234",
    "testtest12",     "testtest123",     "thankyou123",          "tinhyeu123",
    "tinhyeuvinhcuu", "toiyeuvietnam",   "toor123456",           "toyota1234",
    "trustno1234",    "user123456",      "vietnam123",           "vietnam1234",
    "vietnam1945",    "vietnam1975",     "welcome123",           "welcome1234",
    "whatever123",    "winter2023",      "winter2024",           "winter2025",
    "winter2026",     "yamaha1234",      "yeuanhnhieu",          "yeuemnhieu",
    "yeuemnhieulam",  "youtube123",      "zaq12wsxcde",          "zaq1zaq1zaq1",
    "zxcvbnm123",     "zxcvbnm1234",
};
static_assert(std::is_sorted(kCommon.begin(), kCommon.end()));

}  // namespace

bool is_common_password(std::string_view lower_case) noexcept
{
    return std::binary_search(kCommon.begin(), kCommon.end(), lower_case);
}

}  // namespace kieng::identity
