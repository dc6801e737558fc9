// Beast's own code, compiled once for the whole house.
#include <boost/beast/src.hpp>
