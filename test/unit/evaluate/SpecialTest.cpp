// SPDX-License-Identifier: Apache-2.0
// The runtime's special functions against values computed with 50 digits, and TensorFlow's conventions at the edges.
#include <cmath>
#include <gtest/gtest.h>
#include <lathe/kernels.h>
#include <string>

namespace {
double call(const std::string &name, const double *x) {
  if (name == "lgamma")
    return lathe_special_lgamma(x[0]);
  if (name == "digamma")
    return lathe_special_digamma(x[0]);
  if (name == "erfc")
    return lathe_special_erfc(x[0]);
  if (name == "erfinv")
    return lathe_special_erfinv(x[0]);
  if (name == "ndtri")
    return lathe_special_ndtri(x[0]);
  if (name == "igamma")
    return lathe_special_igamma(x[0], x[1]);
  if (name == "igammac")
    return lathe_special_igammac(x[0], x[1]);
  if (name == "zeta")
    return lathe_special_zeta(x[0], x[1]);
  if (name == "polygamma")
    return lathe_special_polygamma(x[0], x[1]);
  return lathe_special_betainc(x[0], x[1], x[2]);
}

struct Value {
  const char *function;
  double arguments[3], value;
};

// By mpmath; of the incomplete gamma functions with a >= 1e6 by quadrature of the density.
constexpr Value values[] = {
    {"lgamma", {1e-09}, 20.723265836369195},
    {"lgamma", {0.03}, 3.489971043442412},
    {"lgamma", {0.4}, 0.79667781770178371},
    {"lgamma", {0.75}, 0.20328095143129537},
    {"lgamma", {1.0001}, -5.7713342220471268e-5},
    {"lgamma", {1.3}, -0.10817480950786048},
    {"lgamma", {1.9}, -0.038984275923083362},
    {"lgamma", {2.001}, 0.00042310673480011699},
    {"lgamma", {2.7}, 0.43482055365510467},
    {"lgamma", {6.5}, 5.6625620598571415},
    {"lgamma", {9.99}, 12.779315214350193},
    {"lgamma", {10.5}, 13.940625219403764},
    {"lgamma", {80.0}, 269.29109765101982},
    {"lgamma", {-0.25}, 1.589575312551186},
    {"lgamma", {-1.75}, 1.0160888092144357},
    {"lgamma", {-6.1}, -4.4482045879158177},
    {"lgamma", {-20.3}, -41.887292480135242},
    {"lgamma", {100000000.0}, 1742068066.1038347},
    {"digamma", {1e-06}, -1000000.57721402},
    {"digamma", {0.2}, -5.289039896592188},
    {"digamma", {1.0}, -0.57721566490153286},
    {"digamma", {1.4}, -0.061384544585116237},
    {"digamma", {1.6}, 0.12604745277347633},
    {"digamma", {3.5}, 1.1031566406452432},
    {"digamma", {11.9}, 2.4339335368825375},
    {"digamma", {12.1}, 2.4513143481743372},
    {"digamma", {100000.0}, 11.512920464961895},
    {"digamma", {-0.3}, 2.1133097796353989},
    {"digamma", {-1.6}, -0.26971787791845041},
    {"digamma", {-10.2}, 6.6946384504175168},
    {"erfc", {-2.0}, 1.9953222650189527},
    {"erfc", {0.5}, 0.47950012218695346},
    {"erfc", {3.0}, 2.2090496998585441e-5},
    {"erfc", {12.0}, 1.3562611692059042e-64},
    {"erfc", {26.0}, 5.6631924088561428e-296},
    {"erfinv", {1e-12}, 8.86226925452758e-13},
    {"erfinv", {0.0009}, 0.00079760440204552041},
    {"erfinv", {0.0011}, 0.00097484992680842946},
    {"erfinv", {0.3}, 0.27246271472675435},
    {"erfinv", {0.49}, 0.46586860023505734},
    {"erfinv", {0.51}, 0.48812205051595882},
    {"erfinv", {0.9}, 1.1630871536766742},
    {"erfinv", {0.999999}, 3.4589107372754988},
    {"erfinv", {-0.7}, -0.73286907795921678},
    {"erfinv", {-1e-300}, -8.8622692545275804e-301},
    {"ndtri", {0.1}, -1.2815515655446004},
    {"ndtri", {0.3}, -0.52440051270804082},
    {"ndtri", {0.45}, -0.12566134685507401},
    {"ndtri", {0.6}, 0.25334710313579974},
    {"ndtri", {0.8}, 0.84162123357291436},
    {"ndtri", {0.999}, 3.0902323061678133},
    {"ndtri", {1e-290}, -36.420731673207999},
    {"ndtri", {1e-20}, -9.2623400897984076},
    {"ndtri", {1e-05}, -4.2648907939228246},
    {"igamma", {1e-08, 1e-05}, 0.9999998906428079},
    {"igamma", {1e-08, 0.5}, 0.99999999440226402},
    {"igamma", {0.3, 0.01}, 0.27924099635901486},
    {"igamma", {0.3, 1.05}, 0.92157033605483941},
    {"igamma", {0.3, 1.2}, 0.9366052804307409},
    {"igamma", {0.9, 8.0}, 0.99974785253227222},
    {"igamma", {2.0, 1.0}, 0.26424111765711536},
    {"igamma", {2.5, 9.0}, 0.99705359541211971},
    {"igamma", {10.0, 3.0}, 0.0011024881301154797},
    {"igamma", {10.0, 9.9}, 0.52949841793846095},
    {"igamma", {10.0, 11.1}, 0.67024252313505861},
    {"igamma", {10.0, 40.0}, 0.99999999607406777},
    {"igamma", {300.0, 250.0}, 0.0011623936310546183},
    {"igamma", {300.0, 301.0}, 0.53065330947425615},
    {"igamma", {300.0, 400.0}, 0.99999992492619164},
    {"igamma", {5000.0, 4800.0}, 0.0021027954807304734},
    {"igamma", {20000.0, 20000.0}, 0.50094031623374932},
    {"igamma", {1000000.0, 1000000.0}, 0.50013298076087259},
    {"igamma", {1000000.0, 1002000.0}, 0.97719590410123014},
    {"igamma", {1000000.0, 999000.0}, 0.15865521357430365},
    {"igamma", {1000000000.0, 1000030000.0}, 0.82860941259815861},
    {"igammac", {1e-08, 1e-05}, 1.0935719210318449e-7},
    {"igammac", {1e-08, 0.5}, 5.5977359770995871e-9},
    {"igammac", {0.3, 0.01}, 0.72075900364098514},
    {"igammac", {0.3, 1.05}, 0.078429663945160587},
    {"igammac", {0.3, 1.2}, 0.063394719569259105},
    {"igammac", {0.9, 8.0}, 0.00025214746772777561},
    {"igammac", {2.0, 1.0}, 0.73575888234288464},
    {"igammac", {2.5, 9.0}, 0.0029464045878802904},
    {"igammac", {10.0, 3.0}, 0.99889751186988452},
    {"igammac", {10.0, 9.9}, 0.47050158206153905},
    {"igammac", {10.0, 11.1}, 0.32975747686494139},
    {"igammac", {10.0, 40.0}, 3.9259322262861882e-9},
    {"igammac", {300.0, 250.0}, 0.99883760636894538},
    {"igammac", {300.0, 301.0}, 0.46934669052574385},
    {"igammac", {300.0, 400.0}, 7.5073808355216141e-8},
    {"igammac", {5000.0, 4800.0}, 0.99789720451926953},
    {"igammac", {20000.0, 20000.0}, 0.49905968376625068},
    {"igammac", {1000000.0, 1000000.0}, 0.49986701923912741},
    {"igammac", {1000000.0, 1002000.0}, 0.022804095898769863},
    {"igammac", {1000000.0, 999000.0}, 0.84134478642569635},
    {"igammac", {1000000000.0, 1000030000.0}, 0.17139058740184139},
    {"zeta", {1.001, 1.0}, 1000.5772884760116},
    {"zeta", {1.5, 0.01}, 1002.5924620202127},
    {"zeta", {2.0, 1.0}, 1.6449340668482264},
    {"zeta", {2.0, 0.3}, 12.245364546107731},
    {"zeta", {3.7, 25.0}, 6.5703261544750699e-5},
    {"zeta", {50.25, 540.0}, 5.7129582809569995e-137},
    {"zeta", {120.0, 100.0}, 1.4379617669402426e-240},
    {"zeta", {7.0, 100000.0}, 1.66671666725e-31},
    {"zeta", {2.0, -0.5}, 8.9348022005446793},
    {"zeta", {5.0, -3.25}, -1020.0644208839947},
    {"zeta", {4.0, -12.9}, 10002.375176994841},
    {"polygamma", {0.0, 2.5}, 0.70315664064524319},
    {"polygamma", {1.0, 0.7}, 2.8340491566946109},
    {"polygamma", {2.0, 3.0}, -0.15411380631918857},
    {"polygamma", {3.0, -1.5}, 194.59427621918762},
    {"polygamma", {4.0, 0.01}, -240000000023.7009},
    {"polygamma", {10.0, 30.0}, -7.2320510345857084e-10},
    {"polygamma", {25.0, 4.0}, 3454682540.3070535},
    {"betainc", {0.5, 0.5, 0.3}, 0.36901011956554538},
    {"betainc", {1e-05, 10.0, 0.2}, 0.9999995869873268},
    {"betainc", {2.0, 3.0, 0.25}, 0.26171875},
    {"betainc", {2.0, 3.0, 0.75}, 0.94921875},
    {"betainc", {40.0, 0.5, 0.9}, 0.0038004325937711247},
    {"betainc", {0.01, 30.0, 1e-12}, 0.78916975646930915},
    {"betainc", {300.0, 200.0, 0.6}, 0.497571383680068},
    {"betainc", {300.0, 200.0, 0.62}, 0.81906998815779615},
    {"betainc", {500.0, 900.0, 0.36}, 0.59022305472496209},
    {"betainc", {7.0, 11.0, 1e-20}, 1.9447999999999993e-136},
};

TEST(Special, AgreesWithExactValues) {
  for (const Value &expected : values) {
    double found = call(expected.function, expected.arguments);
    EXPECT_NEAR(found, expected.value, 1e-12 * std::abs(expected.value))
        << expected.function << "(" << expected.arguments[0] << ", " << expected.arguments[1] << ", "
        << expected.arguments[2] << ")";
  }
}

TEST(Special, AtPolesAndOutOfTheDomain) {
  const double infinity = INFINITY, nan = NAN;
  const Value edges[] = {{"lgamma", {0}, infinity},
                         {"lgamma", {-2}, infinity},
                         {"lgamma", {-infinity}, infinity},
                         {"lgamma", {infinity}, infinity},
                         {"lgamma", {nan}, nan},
                         {"lgamma", {1}, 0},
                         {"lgamma", {2}, 0},
                         {"digamma", {0}, nan},
                         {"digamma", {-3}, nan},
                         {"digamma", {infinity}, infinity},
                         {"digamma", {-infinity}, nan},
                         {"digamma", {nan}, nan},
                         {"erfc", {infinity}, 0},
                         {"erfc", {-infinity}, 2},
                         {"erfinv", {0}, 0},
                         {"erfinv", {1}, infinity},
                         {"erfinv", {-1}, -infinity},
                         {"erfinv", {1.5}, nan},
                         {"erfinv", {nan}, nan},
                         {"ndtri", {0}, -infinity},
                         {"ndtri", {1}, infinity},
                         {"ndtri", {0.5}, 0},
                         {"ndtri", {-0.1}, nan},
                         {"ndtri", {1.1}, nan},
                         {"igamma", {0, 1}, nan},
                         {"igamma", {-1, 1}, nan},
                         {"igamma", {1, -1}, nan},
                         {"igamma", {1, 0}, 0},
                         {"igamma", {1, infinity}, 1},
                         {"igamma", {0, 0}, 0},
                         {"igamma", {infinity, 1}, 0},
                         {"igamma", {nan, 1}, nan},
                         {"igamma", {1, nan}, nan},
                         {"igammac", {0, 1}, nan},
                         {"igammac", {1, -1}, nan},
                         {"igammac", {1, 0}, 1},
                         {"igammac", {1, infinity}, 0},
                         {"igammac", {infinity, 1}, 1},
                         {"igammac", {nan, 1}, nan},
                         {"zeta", {1, 1}, infinity},
                         {"zeta", {0.5, 1}, nan},
                         {"zeta", {2, 0}, infinity},
                         {"zeta", {2, -1}, infinity},
                         {"zeta", {3, -1}, nan},
                         {"zeta", {2.5, -1.5}, nan},
                         {"zeta", {2, infinity}, 0},
                         {"zeta", {nan, 1}, nan},
                         {"polygamma", {0, 0}, nan},
                         {"polygamma", {1, 0}, infinity},
                         {"polygamma", {2, -1}, nan},
                         {"polygamma", {0.5, 1}, nan},
                         {"polygamma", {-1, 1}, nan},
                         {"polygamma", {1, infinity}, 0},
                         {"polygamma", {1, nan}, nan},
                         {"betainc", {0, 1, 0.5}, nan},
                         {"betainc", {1, -1, 0.5}, nan},
                         {"betainc", {2, 3, 0}, 0},
                         {"betainc", {2, 3, 1}, 1},
                         {"betainc", {2, 3, -0.1}, nan},
                         {"betainc", {2, 3, 1.1}, nan},
                         {"betainc", {nan, 1, 0.5}, nan},
                         {"betainc", {infinity, 1, 0.5}, nan}};
  for (const Value &edge : edges) {
    double found = call(edge.function, edge.arguments);
    EXPECT_TRUE(std::isnan(edge.value) ? std::isnan(found) : found == edge.value)
        << edge.function << "(" << edge.arguments[0] << ", " << edge.arguments[1] << ", " << edge.arguments[2]
        << ") is " << found;
  }
}

TEST(Special, EndsWhereSumsWouldBeLong) {
  EXPECT_NEAR(lathe_special_zeta(3, -1e15 - 0.5), 0, 1e-12);
  EXPECT_NEAR(lathe_special_igamma(1e12, 1e12), 0.5, 1e-6);
  EXPECT_NEAR(lathe_special_digamma(-1e9 - 0.25), std::log(1e9) + std::acos(-1), 1e-6);
}
} // namespace
