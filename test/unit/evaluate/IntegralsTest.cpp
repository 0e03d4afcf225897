// SPDX-License-Identifier: Apache-2.0
// The runtime's Bessel functions and integrals against values computed with 40 digits, and what they give at the ends
// of their domains.
#include <cmath>
#include <gtest/gtest.h>
#include <lathe/kernels.h>
#include <map>
#include <string>

namespace {
struct Value {
  const char *function;
  double arguments[2], value;
};

double call(const Value &value) {
#define LATHE_ENTRY(NAME)                                                                                              \
  { #NAME, lathe_special_##NAME }
  static const std::map<std::string, double (*)(double)> functions = {
      LATHE_ENTRY(bessel_j0), LATHE_ENTRY(bessel_j1), LATHE_ENTRY(bessel_y0),   LATHE_ENTRY(bessel_y1),
      LATHE_ENTRY(bessel_i0), LATHE_ENTRY(bessel_i1), LATHE_ENTRY(bessel_i0e),  LATHE_ENTRY(bessel_i1e),
      LATHE_ENTRY(bessel_k0), LATHE_ENTRY(bessel_k1), LATHE_ENTRY(bessel_k0e),  LATHE_ENTRY(bessel_k1e),
      LATHE_ENTRY(dawsn),     LATHE_ENTRY(expint),    LATHE_ENTRY(fresnel_cos), LATHE_ENTRY(fresnel_sin),
      LATHE_ENTRY(spence)};
#undef LATHE_ENTRY
  auto function = functions.find(value.function);
  if (function == functions.end())
    return lathe_special_igamma_grad_a(value.arguments[0], value.arguments[1]);
  return function->second(value.arguments[0]);
}

// By mpmath; the derivative by differences of 80 digits.
constexpr Value values[] = {
    {"bessel_j0", {1e-09}, 1.0},
    {"bessel_j0", {0.3}, 0.97762624653829609},
    {"bessel_j0", {2.5}, -0.048383776468197996},
    {"bessel_j0", {11.7}, -0.021331281388499677},
    {"bessel_j0", {24.9}, 0.08324596835301549},
    {"bessel_j0", {25.1}, 0.10827567149994945},
    {"bessel_j0", {300.0}, -0.033298554876305668},
    {"bessel_j0", {-7.5}, 0.2663396578803784},
    {"bessel_j1", {1e-09}, 5.0000000000000003e-10},
    {"bessel_j1", {0.3}, 0.148318816273104},
    {"bessel_j1", {2.5}, 0.49709410246427404},
    {"bessel_j1", {11.7}, -0.23330024083143019},
    {"bessel_j1", {24.9}, -0.13485569953140887},
    {"bessel_j1", {25.1}, -0.11463478413442257},
    {"bessel_j1", {300.0}, -0.03188743137749995},
    {"bessel_j1", {-7.5}, -0.13524842757970551},
    {"bessel_y0", {1e-09}, -13.266645074938387},
    {"bessel_y0", {0.3}, -0.80727357780451949},
    {"bessel_y0", {2.5}, 0.49807035961523189},
    {"bessel_y0", {11.7}, -0.23218059301935658},
    {"bessel_y0", {24.9}, -0.13649918399676524},
    {"bessel_y0", {25.1}, -0.11676770763803695},
    {"bessel_y0", {300.0}, -0.031831889730003398},
    {"bessel_y1", {1e-09}, -636619772.36758131},
    {"bessel_y1", {0.3}, -2.2931051383885291},
    {"bessel_y1", {2.5}, 0.1459181379667858},
    {"bessel_y1", {11.7}, 0.011446011327523885},
    {"bessel_y1", {24.9}, -0.086002557595554252},
    {"bessel_y1", {25.1}, -0.11062223322783099},
    {"bessel_y1", {300.0}, 0.033245548121310216},
    {"bessel_i0", {0.01}, 1.0000250001562504},
    {"bessel_i0", {3.0}, 4.8807925858650241},
    {"bessel_i0", {24.9}, 5235629675.8044222},
    {"bessel_i0", {25.1}, 6369018573.8035025},
    {"bessel_i0", {500.0}, 2.5048094765700781e+215},
    {"bessel_i0", {-2.0}, 2.2795853023360673},
    {"bessel_i1", {0.01}, 0.0050000625002604173},
    {"bessel_i1", {3.0}, 3.9533702174026094},
    {"bessel_i1", {24.9}, 5129395695.9257421},
    {"bessel_i1", {25.1}, 6240828249.8739803},
    {"bessel_i1", {500.0}, 2.5023034121761e+215},
    {"bessel_i1", {-2.0}, -1.5906368546373291},
    {"bessel_i0e", {0.01}, 0.9900745851497075},
    {"bessel_i0e", {24.9}, 0.080359332611532214},
    {"bessel_i0e", {10000.0}, 0.0039894726746047321},
    {"bessel_i1e", {0.01}, 0.0049503110471182757},
    {"bessel_i1e", {24.9}, 0.078728794882103129},
    {"bessel_i1e", {10000.0}, 0.0039892731959836623},
    {"bessel_k0", {1e-06}, 13.931442073626419},
    {"bessel_k0", {0.5}, 0.92441907122766586},
    {"bessel_k0", {1.99}, 0.1153017675517768},
    {"bessel_k0", {2.01}, 0.11250436099872805},
    {"bessel_k0", {24.9}, 3.8360965209894921e-12},
    {"bessel_k0", {25.1}, 3.1283127143211171e-12},
    {"bessel_k0", {300.0}, 3.7236948548891433e-132},
    {"bessel_k1", {1e-06}, 999999.99999278432},
    {"bessel_k1", {0.5}, 1.6564411200033009},
    {"bessel_k1", {1.99}, 0.14171756162240131},
    {"bessel_k1", {2.01}, 0.13804087731920771},
    {"bessel_k1", {24.9}, 3.9123824362567633e-12},
    {"bessel_k1", {25.1}, 3.190032318604266e-12},
    {"bessel_k1", {300.0}, 3.7298958583323727e-132},
    {"bessel_k0e", {0.5}, 1.5241093857739095},
    {"bessel_k0e", {7.0}, 0.46584509609301589},
    {"bessel_k0e", {10000.0}, 0.012532984717699285},
    {"bessel_k1e", {0.5}, 2.7310097082117857},
    {"bessel_k1e", {7.0}, 0.49807157509547654},
    {"bessel_k1e", {10000.0}, 0.012533611351270506},
    {"dawsn", {1e-08}, 9.9999999999999995e-9},
    {"dawsn", {0.5}, 0.4244363835020223},
    {"dawsn", {0.99}, 0.53879454681449785},
    {"dawsn", {1.01}, 0.53727208394450478},
    {"dawsn", {-3.0}, -0.17827103061055829},
    {"dawsn", {20.0}, 0.025031367926403672},
    {"expint", {1e-09}, -20.146050171044878},
    {"expint", {0.2}, -0.82176058790240025},
    {"expint", {1.0}, 1.8951178163559368},
    {"expint", {10.0}, 2492.2289762418778},
    {"expint", {39.9}, 5479032048901893.5},
    {"expint", {40.1}, 6657825191607100.0},
    {"expint", {600.0}, 6.2988828913879314e+257},
    {"fresnel_cos", {1e-05}, 1.0000000000000001e-5},
    {"fresnel_cos", {0.5}, 0.49234422587144639},
    {"fresnel_cos", {-1.7}, -0.32382687600390026},
    {"fresnel_cos", {5.04}, 0.55144321171460103},
    {"fresnel_cos", {5.06}, 0.5373044010374061},
    {"fresnel_cos", {40.0}, 0.49999841685744546},
    {"fresnel_sin", {1e-05}, 5.23598775598299e-16},
    {"fresnel_sin", {0.5}, 0.064732432859999278},
    {"fresnel_sin", {-1.7}, -0.54919594032156854},
    {"fresnel_sin", {5.04}, 0.5365958226243462},
    {"fresnel_sin", {5.06}, 0.55062255708951278},
    {"fresnel_sin", {40.0}, 0.4920422537902731},
    {"spence", {1e-09}, 1.6449340451249606},
    {"spence", {0.3}, 0.88937762428603876},
    {"spence", {0.499}, 0.58362743504739187},
    {"spence", {0.501}, 0.58085484529503239},
    {"spence", {1.0001}, -9.9997500111093849e-5},
    {"spence", {1.9}, -0.75216317921726156},
    {"spence", {2.1}, -0.89083809026228267},
    {"spence", {100000.0}, -67.918535317972902},
    {"igamma_grad_a", {0.3, 0.01}, -1.2403581253867568},
    {"igamma_grad_a", {0.3, 1.2}, -0.26114603982624232},
    {"igamma_grad_a", {2.5, 0.7}, -0.11515032062805553},
    {"igamma_grad_a", {2.5, 6.5}, -0.031075506307073086},
    {"igamma_grad_a", {40.0, 30.0}, -0.016111947669694542},
    {"igamma_grad_a", {40.0, 50.0}, -0.01927006046975012},
    {"igamma_grad_a", {1000.0, 1020.0}, -0.010254658433183925},
};

TEST(Integrals, HaveTheValuesOfMpmath) {
  for (const Value &value : values)
    // Near a zero, and far out where the argument's own rounding counts, the error is one of the amplitude.
    EXPECT_NEAR(call(value), value.value, 2e-13 * std::max(std::abs(value.value), value.value < 1 ? 0.02 : 0.0))
        << value.function << "(" << value.arguments[0] << ", " << value.arguments[1] << ")";
}

TEST(Integrals, EndOfTheirDomains) {
  constexpr double infinity = HUGE_VAL, nan = NAN;
  const Value ends[] = {{"bessel_j0", {0}, 1},
                        {"bessel_j1", {0}, 0},
                        {"bessel_j0", {infinity}, 0},
                        {"bessel_y0", {0}, -infinity},
                        {"bessel_y1", {0}, -infinity},
                        {"bessel_y0", {-1}, nan},
                        {"bessel_y1", {infinity}, 0},
                        {"bessel_i0", {0}, 1},
                        {"bessel_i1", {-infinity}, -infinity},
                        {"bessel_i0", {infinity}, infinity},
                        {"bessel_i0e", {infinity}, 0},
                        {"bessel_k0", {0}, infinity},
                        {"bessel_k1", {infinity}, 0},
                        {"bessel_k1e", {-1}, nan},
                        {"bessel_j0", {nan}, nan},
                        {"dawsn", {0}, 0},
                        {"dawsn", {infinity}, 0},
                        {"expint", {0}, -infinity},
                        {"expint", {-1}, nan},
                        {"fresnel_cos", {infinity}, 0.5},
                        {"fresnel_sin", {-infinity}, -0.5},
                        {"spence", {1}, 0},
                        {"spence", {-1}, nan},
                        {"igamma_grad_a", {1, 0}, 0},
                        {"igamma_grad_a", {-1, 1}, nan},
                        {"igamma_grad_a", {1, -1}, nan}};
  for (const Value &end : ends) {
    double found = call(end);
    EXPECT_TRUE(std::isnan(end.value) ? std::isnan(found) : found == end.value)
        << end.function << "(" << end.arguments[0] << ", " << end.arguments[1] << ") is " << found;
  }
}
} // namespace
